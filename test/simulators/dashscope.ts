import { IMAGES, imageResults, imageRoute } from './dashscope-images.js';
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
import type { Phase, SimulatedTask } from './task-table.js';

const SERVICES = '/api/v1/services/aigc';
const TASKS = '/api/v1/tasks';
const HOUR_MS = 3_600_000;
const SEED_MAX = 2 ** 31 - 1;
const MODEL =
  /^wanx?(2\.[1-7]|3\.0)-(t2v|i2v|kf2v|video)(?:-(?:turbo|plus|flash|preview|prime))?(?:-\d{4}-\d\d-\d\d)?$/;
const DURATIONS: Readonly<Record<string, readonly number[]>> = {
  '2.1': [5],
  '2.2': [5],
  '2.5': [5, 10],
  '2.6': [5, 10, 15],
};
const RATIOS = ['16:9', '9:16', '1:1', '4:3', '3:4'];
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'PENDING',
  processing: 'RUNNING',
  unknown: 'WARMING_UP',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  cancelled: 'CANCELED',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'InvalidApiKey', 'Invalid API-key provided.'),
  expired_token: failure(401, 'InvalidApiKey', 'The API-key has expired.'),
  bad_parameter: invalid('The parameter is not valid.'),
  content_refused: failure(400, 'DataInspectionFailed', 'Input data may contain inappropriate content.'),
  out_of_balance: failure(400, 'Arrearage', 'Access denied, please make sure your account is in good standing.'),
  rate_limited: failure(429, 'Throttling.RateQuota', 'Requests rate limit exceeded, please try again later.'),
  concurrency: failure(429, 'Throttling', 'Too many tasks at a time.'),
  server_error: failure(500, 'InternalError', 'An internal error has occurred, please try again later.'),
};

/** Wan on DashScope, section 7 of the wire facts; base URL `<url>/compatible-mode/v1` as for chat, or `<url>/api/v1`. */
export const dashscopeSimulator: SimulatedVendor = {
  id: 'dashscope',
  credential: 'sk-of-the-dashscope-simulator',
  routes: [
    { method: 'POST', path: `${SERVICES}/video-generation/video-synthesis`, call: 'create', handle: createVideo },
    { method: 'POST', path: `${SERVICES}/image2video/video-synthesis`, call: 'create', handle: createBetweenFrames },
    imageRoute({ failure, accepted }),
    { method: 'GET', path: TASKS, call: 'list', handle: list },
    { method: 'GET', path: `${TASKS}/:id`, call: 'status', handle: get },
    { method: 'POST', path: `${TASKS}/:id/cancel`, call: 'cancel', handle: cancel },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => failure(404, 'NotFound', 'The requested resource does not exist.'),
};

function createVideo(request: SimulatedRequest, world: World): SimulatedAnswer {
  return create(request, world, (kind) => kind !== 'kf2v');
}

function createBetweenFrames(request: SimulatedRequest, world: World): SimulatedAnswer {
  return create(request, world, (kind) => kind === 'kf2v');
}

function create(
  { headers, json: body, raw }: SimulatedRequest,
  world: World,
  isServed: (kind: string) => boolean,
): SimulatedAnswer {
  if (headers['x-dashscope-async'] !== 'enable')
    return failure(403, 'AccessDenied', 'current user api does not support synchronous calls');
  const model = textMember(body, 'model');
  const [, generation = '', kind = ''] = MODEL.exec(model) ?? [];
  if (generation === '' || !isServed(kind)) return failure(404, 'ModelNotFound', 'Model not exist.');
  const parameters = member(body, 'parameters') ?? {};
  const input = member(body, 'input');
  const fault = faultOf(input, parameters, generation, kind);
  if (fault !== undefined) return invalid(fault);
  const task = world.tasks.create(
    {
      id: `0385dc79-5ff8-4d82-bcb6-${world.nextNumber().toString(16).padStart(12, '0')}`,
      // What its usage looks like.
      family: Number(generation) < 2.7 ? 'size' : 'ratio',
      model,
      prompt: textMember(input, 'prompt'),
      duration: Number(member(parameters, 'duration')),
    },
    raw.toString('utf8'),
  );
  return accepted(task.id, world);
}

function accepted(id: string, world: World): SimulatedAnswer {
  return json(200, { output: { task_status: 'PENDING', task_id: id }, request_id: requestId(world) });
}

function faultOf(input: unknown, parameters: unknown, generation: string, kind: string): string | undefined {
  const duration = member(parameters, 'duration') ?? 5;
  if (typeof duration !== 'number' || !Number.isInteger(duration)) return 'duration must be an integer';
  const most = generation === '3.0' ? 30 : 15;
  const isLength = DURATIONS[generation]?.includes(duration) ?? (duration >= 2 && duration <= most);
  if (!isLength) return 'duration is out of range';
  const seed = member(parameters, 'seed') ?? 0;
  if (typeof seed !== 'number' || !Number.isInteger(seed) || seed < 0 || seed > SEED_MAX) return 'seed is out of range';
  for (const name of ['audio', 'prompt_extend', 'watermark']) {
    const flag = member(parameters, name);
    if (flag !== undefined && typeof flag !== 'boolean') return `${name} must be a boolean`;
  }
  if (textMember(input, 'negative_prompt').length > 500) return 'negative_prompt is too long';
  const isClassic = Number(generation) < 2.7;
  return (isClassic ? classicFault : mediaFault)(input, parameters, kind);
}

/** Wan 2.1 to 2.6: one field for each picture, sizes in pixels for text. */
function classicFault(input: unknown, parameters: unknown, kind: string): string | undefined {
  if (member(input, 'media') !== undefined) return 'Unknown field: input.media';
  if (kind === 't2v') {
    if (textMember(input, 'prompt') === '') return 'Field required: input.prompt';
    return /^\d{3,4}\*\d{3,4}$/.test(textMember(parameters, 'size')) ? undefined : 'size must be like 1280*720';
  }
  const name = kind === 'kf2v' ? 'first_frame_url' : 'img_url';
  if (!isPicture(textMember(input, name))) return `Field required: input.${name}`;
  return resolutionFault(parameters, ['480P', '720P', '1080P']);
}

/** Wan 2.7 and later: a list of media, resolution and ratio. */
function mediaFault(input: unknown, parameters: unknown, kind: string): string | undefined {
  const media = member(input, 'media');
  const list: readonly unknown[] = Array.isArray(media) ? media : [];
  const types = list.map((item) => textMember(item, 'type'));
  if (member(input, 'img_url') !== undefined) return 'Unknown field: input.img_url';
  if (kind === 'i2v' && !types.includes('first_frame')) return 'Field required: input.media';
  if (kind === 't2v' && list.length > 0) return 'Unknown field: input.media';
  if (types.length === 0 && textMember(input, 'prompt') === '') return 'Field required: input.prompt';
  if (list.some((item) => textMember(item, 'type').endsWith('_frame') && !isPicture(textMember(item, 'url'))))
    return 'media.url is not valid';
  const ratio = member(parameters, 'ratio');
  const ratios = kind === 'video' ? [...RATIOS, 'adaptive'] : kind === 't2v' ? RATIOS : [];
  if (ratio !== undefined && !ratios.includes(String(ratio))) return 'ratio is not supported';
  return resolutionFault(parameters, kind === 'video' ? ['480P', '720P', '1080P'] : ['720P', '1080P']);
}

function resolutionFault(parameters: unknown, allowed: readonly string[]): string | undefined {
  return allowed.includes(textMember(parameters, 'resolution'))
    ? undefined
    : `resolution must be ${allowed.join(', ')}`;
}

function isPicture(url: string): boolean {
  return /^(?:https?:\/\/|oss:\/\/|data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+$)/.test(url);
}

function get({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const id = params['id'] ?? '';
  const task = world.tasks.look(id);
  const output = task === undefined ? { task_id: id, task_status: 'UNKNOWN' } : toOutput(task, world);
  const usage = task?.phase === 'succeeded' ? { usage: usageOf(task) } : {};
  return json(200, { request_id: requestId(world), output, ...usage });
}

function list(_request: SimulatedRequest, world: World): SimulatedAnswer {
  const data = world.tasks
    .list()
    .map(({ id, phase, model }) => ({ task_id: id, status: WORDS[phase], model_name: model }));
  return json(200, { request_id: requestId(world), data, total: data.length, page_no: 1, page_size: 10 });
}

function cancel({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task?.phase !== 'queued')
    return failure(
      400,
      'UnsupportedOperation',
      'Failed to cancel the task, please confirm if the task is in PENDING status.',
    );
  world.tasks.advance(task.id, 'cancelled');
  return json(200, { request_id: requestId(world) });
}

function toOutput(task: SimulatedTask, world: World): object {
  const common = {
    task_id: task.id,
    task_status: WORDS[task.phase],
    submit_time: localTime(task.createdAtMs),
    scheduled_time: localTime(task.createdAtMs),
  };
  switch (task.phase) {
    case 'succeeded':
      return {
        ...common,
        end_time: localTime(task.updatedAtMs),
        orig_prompt: task.prompt,
        ...(task.family === IMAGES ? imageResults(task, world) : { video_url: world.linksOf(task)[0] }),
      };
    case 'failed':
      return { ...common, end_time: localTime(task.updatedAtMs), ...reasonOf(task) };
    default:
      return common;
  }
}

function reasonOf({ troubles }: SimulatedTask): object {
  return troubles.has('content_refused_late')
    ? { code: 'DataInspectionFailed', message: 'Output data may contain inappropriate content.' }
    : { code: 'InternalError.Algo', message: 'The video could not be generated.' };
}

function usageOf({ duration, family, count }: SimulatedTask): object {
  if (family === IMAGES) return { image_count: count };
  return family === 'ratio'
    ? { duration, output_video_duration: duration, input_video_duration: 0, video_count: 1, SR: 720, ratio: '16:9' }
    : { video_duration: duration, video_count: 1, size: '1280*720' };
}

/** Beijing time without a zone. */
function localTime(ms: number): string {
  return new Date(ms + 8 * HOUR_MS).toISOString().replace('T', ' ').replace('Z', '');
}

function requestId(world: World): string {
  return `4909100c-7b5a-9f92-bfe5-${world.nextNumber().toString(16).padStart(12, '0')}`;
}

function invalid(message: string): SimulatedAnswer {
  return failure(400, 'InvalidParameter', message);
}

function failure(status: number, code: string, message: string): SimulatedAnswer {
  return json(status, { code, message, request_id: '7438d53d-6eb8-4596-8835-xxxxxxxxxxxx' });
}
