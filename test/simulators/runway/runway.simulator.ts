import type { Refusal } from '../faults.js';
import {
  json,
  member,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedVendor,
  textMember,
  type World,
} from '../simulated-vendor.js';
import type { Phase, SimulatedTask } from '../task-table.js';
import { runwayFault, runwayPictureFault } from './runway-request.js';

type Kind = 'text' | 'image' | 'picture';

const VERSION = '2024-11-06';
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'PENDING',
  processing: 'RUNNING',
  unknown: 'WARMING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'You did not include a valid API key.'),
  expired_token: failure(401, 'The API key is not active any more.'),
  bad_parameter: invalid('duration'),
  content_refused: failure(400, 'The prompt did not pass content moderation.'),
  out_of_balance: json(400, {
    error: 'You do not have enough credits to run this task.',
    docUrl: 'https://docs.dev.runwayml.com/api',
  }),
  rate_limited: failure(429, 'You have made too many requests.'),
  // More tasks than may run at a time are taken on, as THROTTLED; what is refused is a task above the cap of the day.
  concurrency: failure(429, 'You have reached the daily limit of tasks.'),
  server_error: failure(503, 'The service is under load.'),
};

/** Runway, section 10 of the wire facts; base URL `<url>`. */
export const SIMULATED: SimulatedVendor = {
  id: 'runway',
  credential: 'key_of_the_runway_simulator',
  routes: [
    { method: 'POST', path: '/v1/text_to_video', call: 'create', handle: (...given) => create('text', ...given) },
    { method: 'POST', path: '/v1/image_to_video', call: 'create', handle: (...given) => create('image', ...given) },
    { method: 'POST', path: '/v1/text_to_image', call: 'create', handle: (...given) => create('picture', ...given) },
    { method: 'GET', path: '/v1/tasks/:id', call: 'status', handle: status },
    { method: 'DELETE', path: '/v1/tasks/:id', call: 'cancel', handle: remove },
  ],
  authorize: ({ headers }, { credential }) => {
    if (headers['x-runway-version'] !== VERSION) return failure(400, 'X-Runway-Version is missing or not valid.');
    return headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure;
  },
  refuse: (refusal) => REFUSED[refusal],
  notFound: ({ method }) => failure(method === 'GET' || method === 'POST' ? 404 : 405, 'Not found'),
};

function create(kind: Kind, { json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const field = kind === 'picture' ? runwayPictureFault(body) : runwayFault(kind, body);
  if (field !== undefined) return invalid(field);
  const { id } = world.tasks.create(
    {
      id: `17f20503-6c24-4c16-946b-${world.nextNumber().toString(16).padStart(12, '0')}`,
      family: kind,
      isPicture: kind === 'picture',
      model: textMember(body, 'model'),
      prompt: textMember(body, 'promptText'),
      duration: Number(member(body, 'duration') ?? 5),
    },
    raw.toString('utf8'),
  );
  return json(200, { id });
}

function status({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  if (task === undefined) return failure(404, 'Task not found');
  return json(200, {
    id: task.id,
    status: task.phase === 'queued' && task.looks > 1 ? 'THROTTLED' : WORDS[task.phase],
    createdAt: new Date(task.createdAtMs).toISOString(),
    ...(task.phase === 'processing' ? { progress: 0.42 } : {}),
    ...(task.phase === 'succeeded' ? { output: world.linksOf(task) } : {}),
    ...(task.phase === 'failed' ? reasonOf(task) : {}),
  });
}

/** Calls a task off that is under way, and deletes one that is over: neither can be asked after any more. */
function remove({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task === undefined || task.troubles.has('vanished')) return failure(404, 'Task not found');
  if (task.phase !== 'succeeded' && task.phase !== 'failed') world.tasks.advance(task.id, 'cancelled');
  world.tasks.forget(task.id);
  return { status: 204 };
}

function reasonOf({ troubles }: SimulatedTask): object {
  return troubles.has('content_refused_late')
    ? { failure: 'The output was flagged.', failureCode: 'SAFETY.OUTPUT.VIDEO' }
    : { failure: 'The generation went wrong.', failureCode: 'INTERNAL.BAD_OUTPUT.CODE01' };
}

function invalid(field: string): SimulatedAnswer {
  return json(400, {
    error: 'Validation of body failed',
    issues: [{ code: 'custom', path: [field], message: `${field} is not valid` }],
    docUrl: 'https://docs.dev.runwayml.com/api',
  });
}

function failure(http: number, error: string): SimulatedAnswer {
  return json(http, { error });
}
