import { json, type SimulatedAnswer, type World } from '../simulated-vendor.js';
import type { SimulatedTask } from '../task-table.js';

/** What the result of a task is told: its model's output, or its model's error with the status of that. */
export function falResult(task: SimulatedTask, world: World): SimulatedAnswer {
  switch (task.phase) {
    case 'succeeded':
      return json(200, outputOf(task, world));
    case 'failed':
      // Models of pictures hand out a black one and mark it.
      if (task.isPicture === true && task.troubles.has('content_refused_late'))
        return json(200, pictures([`${world.url}/black.png`], true));
      return task.troubles.has('content_refused_late')
        ? falTypedError(422, 'content_policy_violation', 'The content was flagged by a content checker.')
        : falTypedError(500, 'internal_server_error', 'An internal server error occurred.');
    case 'cancelled':
      return json(499, { detail: 'Request was cancelled by the client', error_type: 'client_cancelled' });
    default:
      return falError(400, 'Request is still in progress');
  }
}

/** A list of what is wrong, each with a type, as models say it. */
export function falTypedError(status: number, type: string, msg: string, field = 'prompt'): SimulatedAnswer {
  const url = `https://docs.fal.ai/errors/#${type}`;
  return {
    status,
    headers: { 'x-fal-retryable': 'false' },
    body: { detail: [{ loc: ['body', field], msg, type, url, input: '' }] },
  };
}

/** A text, as the queue says it. */
export function falError(status: number, detail: string): SimulatedAnswer {
  return json(status, { detail });
}

function outputOf(task: SimulatedTask, world: World): object {
  if (task.isPicture === true) return pictures(world.linksOf(task), false);
  const [url] = world.linksOf(task);
  const file = { content_type: 'video/mp4', file_name: 'output.mp4', file_size: world.video.length };
  return { video: url === undefined ? file : { url, ...file }, seed: 1234567 };
}

function pictures(urls: readonly string[], isUnsafe: boolean): object {
  const images = urls.map((url) => ({ url, width: 1024, height: 768, content_type: 'image/jpeg' }));
  return {
    images,
    timings: { inference: 1.2 },
    seed: 1234567,
    has_nsfw_concepts: images.map(() => isUnsafe),
    prompt: 'x',
  };
}
