import { parseMultipart } from '../../src/sandbox/multipart.js';
import type { Refusal } from './faults.js';
import {
  json,
  member,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedVendor,
  textMember,
  type World,
} from './simulated-vendor.js';
import { isOver, type Phase, type SimulatedTask } from './task-table.js';

const VIDEOS = '/v1/videos';
const SIZE_DEFAULT = '720x1280';
const SECONDS_DEFAULT = '4';
const HOUR_SECONDS = 3600;
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'queued',
  processing: 'in_progress',
  unknown: 'rendering',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'failed',
};
const PROGRESS: Readonly<Record<Phase, number>> = {
  queued: 0,
  processing: 45,
  unknown: 45,
  succeeded: 100,
  failed: 45,
  cancelled: 0,
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'invalid_api_key', 'Incorrect API key provided.'),
  expired_token: failure(401, 'invalid_api_key', 'Incorrect API key provided: it has expired.'),
  bad_parameter: failure(400, 'invalid_value', "Invalid value for 'seconds'.", 'seconds'),
  content_refused: failure(400, 'moderation_blocked', 'Your request was blocked by our moderation system.'),
  out_of_balance: failure(429, 'insufficient_quota', 'You exceeded your current quota.', null, 'insufficient_quota'),
  rate_limited: failure(429, 'rate_limit_exceeded', 'Rate limit reached for requests.', null, 'requests'),
  concurrency: failure(429, 'rate_limit_exceeded', 'Too many videos at a time.', null, 'requests'),
  server_error: failure(500, null, 'The server had an error while processing your request.', null, 'server_error'),
};

/** Any server of OpenAI's video format, section 8 of the wire facts; base URL `<url>/v1`. */
export const openAiVideoSimulator: SimulatedVendor = {
  id: 'openai-compatible',
  credential: 'sk-of-the-simulator',
  routes: [
    { method: 'POST', path: VIDEOS, call: 'create', handle: create },
    { method: 'GET', path: VIDEOS, call: 'list', handle: list },
    { method: 'GET', path: `${VIDEOS}/:id`, call: 'status', handle: retrieve },
    { method: 'DELETE', path: `${VIDEOS}/:id`, call: 'cancel', handle: remove },
    { method: 'GET', path: `${VIDEOS}/:id/content`, call: 'file', handle: download },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: ({ method, path }) => failure(404, 'unknown_url', `Invalid URL (${method} ${path})`),
};

function create(request: SimulatedRequest, world: World): SimulatedAnswer {
  const fields = readFields(request);
  const prompt = textMember(fields, 'prompt');
  if (prompt === '')
    return failure(400, 'missing_required_parameter', "Missing required parameter: 'prompt'.", 'prompt');
  const seconds = member(fields, 'seconds') ?? SECONDS_DEFAULT;
  if (typeof seconds !== 'string' || !/^[1-9]\d?$/.test(seconds)) return REFUSED.bad_parameter;
  const size = member(fields, 'size') ?? SIZE_DEFAULT;
  if (typeof size !== 'string' || !/^\d+x\d+$/.test(size))
    return failure(400, 'invalid_value', "Invalid value for 'size'.", 'size');
  const reference = member(fields, 'input_reference');
  const isReference = Buffer.isBuffer(reference) || textMember(reference, 'image_url') !== '';
  if (reference !== undefined && !isReference)
    return failure(400, 'invalid_value', "Invalid value for 'input_reference'.", 'input_reference');
  const model = textMember(fields, 'model') || 'sora-2';
  const id = `video_${world.nextNumber().toString(16).padStart(32, '0')}`;
  // Of a task only the size has no place of its own.
  const draft = { id, family: size, model, prompt, duration: Number(seconds) };
  return json(200, present(world.tasks.create(draft, request.raw.toString('utf8'))));
}

function readFields({ headers, raw, json: body }: SimulatedRequest): unknown {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return body;
  return Object.fromEntries(
    parseMultipart(raw, type).map(({ name, fileName, bytes }) => [
      name,
      fileName === undefined ? bytes.toString('utf8') : bytes,
    ]),
  );
}

function retrieve({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  return task === undefined ? absent(params['id']) : json(200, present(task));
}

function list(_request: SimulatedRequest, world: World): SimulatedAnswer {
  const data = world.tasks.list().map(present).reverse();
  return json(200, { object: 'list', data, has_more: false });
}

/** Only what is over can be removed: DELETE calls nothing off. */
function remove({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task === undefined) return absent(params['id']);
  if (!isOver(task.phase)) return failure(400, 'invalid_state', 'Only finished videos can be deleted.');
  return json(200, { id: task.id, object: 'video.deleted', deleted: true });
}

function download({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task === undefined || task.troubles.has('vanished')) return absent(params['id']);
  if (task.phase !== 'succeeded') return failure(404, null, 'Video is not ready yet, use GET /v1/videos/{id}.');
  if (task.troubles.has('forbidden_link')) return failure(403, null, 'The content cannot be handed out.');
  return { status: 200, headers: { 'content-type': 'video/mp4' }, body: world.video };
}

function present(task: SimulatedTask): object {
  const isDone = task.phase === 'succeeded';
  const updatedAt = Math.floor(task.updatedAtMs / 1000);
  const video = {
    id: task.id,
    object: 'video',
    created_at: Math.floor(task.createdAtMs / 1000),
    status: WORDS[task.phase],
    completed_at: isDone ? updatedAt : null,
    error: task.phase === 'failed' ? reasonOf(task) : null,
    expires_at: isDone ? updatedAt + HOUR_SECONDS : null,
    model: task.model,
    progress: PROGRESS[task.phase],
    prompt: task.prompt,
    remixed_from_video_id: null,
    seconds: String(task.duration),
    size: task.family,
  };
  // There is no link that could be missing: what is missing is what the content is asked for by.
  return isDone && task.troubles.has('success_without_url') ? { ...video, id: null } : video;
}

function reasonOf({ troubles }: SimulatedTask): object {
  return troubles.has('content_refused_late')
    ? { code: 'moderation_blocked', message: 'The video was blocked by our moderation system.' }
    : { code: 'video_generation_failed', message: 'Video generation failed.' };
}

function absent(id = ''): SimulatedAnswer {
  return failure(404, 'not_found', `Video with id '${id}' not found.`, 'video_id');
}

function failure(
  status: number,
  code: string | null,
  message: string,
  param: string | null = null,
  type = 'invalid_request_error',
): SimulatedAnswer {
  return json(status, { error: { message, type, param, code } });
}
