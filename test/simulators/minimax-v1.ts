import type { CallKind, Refusal } from './faults.js';
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

const FAMILY = 'v1';
const FIRST_TASK = 106_916_112_212_032n;
/** From here on every odd number is one that a double cannot hold. */
const FIRST_FILE = 9_007_199_254_740_993n;
const PROMPT_CHARACTERS_MAX = 2_000;
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'Queueing',
  processing: 'Processing',
  unknown: 'Rendering',
  succeeded: 'Success',
  failed: 'Fail',
  cancelled: 'Fail',
};
/** Callbacks have words of their own. */
const CALLBACK_WORDS: Readonly<Record<Phase, string>> = {
  queued: 'processing',
  processing: 'processing',
  unknown: 'processing',
  succeeded: 'success',
  failed: 'failed',
  cancelled: 'failed',
};
const SOUND = { status_code: 0, status_msg: 'success' };
const CODES: Readonly<Record<Refusal, readonly [code: number, message: string]>> = {
  auth_failure: [1004, 'login fail: Please carry the API secret key in the Authorization field of the request header'],
  expired_token: [2049, 'invalid api key'],
  bad_parameter: [2013, 'invalid params'],
  content_refused: [1026, 'input new_sensitive'],
  out_of_balance: [1008, 'insufficient balance'],
  rate_limited: [1002, 'rate limit'],
  concurrency: [1041, 'conn limit'],
  server_error: [1033, 'system error'],
};
const MODELS: Readonly<
  Record<string, { resolutions: string; isLong?: boolean; picture?: 'none' | 'required'; hasLast?: boolean }>
> = {
  'MiniMax-Hailuo-2.3': { resolutions: '768P 1080P', isLong: true },
  'MiniMax-Hailuo-2.3-Fast': { resolutions: '768P 1080P', isLong: true, picture: 'required' },
  'MiniMax-Hailuo-02': { resolutions: '512P 768P 1080P', isLong: true, hasLast: true },
  'T2V-01': { resolutions: '720P', picture: 'none' },
  'T2V-01-Director': { resolutions: '720P', picture: 'none' },
  'I2V-01': { resolutions: '720P', picture: 'required' },
  'I2V-01-Director': { resolutions: '720P', picture: 'required' },
  'I2V-01-live': { resolutions: '720P', picture: 'required' },
};

/** Hailuo by MiniMax's first API, section 5 of the wire facts; base URL `<url>/v1`. Nothing but HTTP 200, errors included. */
export const minimaxV1: Required<Omit<SimulatedVendor, 'toChallenge'>> = {
  id: 'minimax-v1',
  credential: 'minimax-key-of-the-simulator',
  routes: [
    { method: 'POST', path: '/v1/video_generation', call: 'create', handle: create },
    { method: 'GET', path: '/v1/query/video_generation', call: 'status', handle: query },
    { method: 'GET', path: '/v1/files/retrieve', call: 'file', handle: retrieve },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : refused(...CODES.auth_failure),
  refuse: (refusal: Refusal, call: CallKind) => refused(...CODES[refusal], call === 'create' ? { task_id: '' } : {}),
  notFound: () => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' }),
  toCallback: (task) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...present(task), status: CALLBACK_WORDS[task.phase] }),
  }),
};

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = faultOf(body);
  if (fault !== undefined) return refused(2013, `invalid params, ${fault}`, { task_id: '' });
  const number = BigInt(world.nextNumber());
  const task = world.tasks.create(
    {
      id: String(FIRST_TASK + number),
      family: FAMILY,
      model: textMember(body, 'model'),
      prompt: textMember(body, 'prompt'),
      callbackUrl: textMember(body, 'callback_url'),
      duration: Number(member(body, 'duration') ?? 6),
      echo: { fileId: String(FIRST_FILE + 2n * number) },
    },
    raw.toString('utf8'),
  );
  return json(200, { task_id: task.id, base_resp: SOUND });
}

function faultOf(body: unknown): string | undefined {
  const model = MODELS[textMember(body, 'model')];
  if (model === undefined) return 'model';
  const prompt = textMember(body, 'prompt');
  const first = member(body, 'first_frame_image');
  const last = member(body, 'last_frame_image');
  if (prompt.length > PROMPT_CHARACTERS_MAX || (prompt === '' && first === undefined)) return 'prompt';
  if (model.picture === 'required' ? !isPicture(first) : first !== undefined && !isPicture(first))
    return 'first_frame_image';
  if (model.picture === 'none' && first !== undefined) return 'first_frame_image';
  if (last !== undefined && (model.hasLast !== true || !isPicture(last))) return 'last_frame_image';
  const duration = member(body, 'duration') ?? 6;
  const resolution = String(member(body, 'resolution') ?? model.resolutions.split(' ').find((one) => one !== '512P'));
  if (!model.resolutions.split(' ').includes(resolution)) return 'resolution';
  if (resolution === '512P' && first === undefined) return 'resolution';
  if (duration !== 6 && (duration !== 10 || model.isLong !== true || resolution === '1080P')) return 'duration';
  return undefined;
}

/** Bare base64 is none. */
function isPicture(value: unknown): boolean {
  return (
    typeof value === 'string' && /^(?:https?:\/\/|data:image\/(?:jpeg|png|webp);base64,[A-Za-z0-9+/=]+$)/.test(value)
  );
}

function query({ query: parameters }: SimulatedRequest, world: World): SimulatedAnswer {
  const id = parameters.get('task_id') ?? '';
  const task = world.tasks.get(id)?.family === FAMILY ? world.tasks.look(id) : undefined;
  return task === undefined ? refused(2013, 'invalid params, task_id') : json(200, present(task));
}

function present(task: SimulatedTask): Record<string, unknown> {
  const isDone = task.phase === 'succeeded';
  return {
    task_id: task.id,
    status: WORDS[task.phase],
    file_id: isDone ? task.echo?.['fileId'] : '',
    ...(isDone ? { video_width: 1366, video_height: 768 } : {}),
    base_resp: task.phase === 'failed' ? reasonOf(task) : SOUND,
  };
}

function reasonOf(task: SimulatedTask): unknown {
  return task.troubles.has('content_refused_late')
    ? { status_code: 1027, status_msg: 'output new_sensitive' }
    : { status_code: 1000, status_msg: 'unknown error' };
}

/** The id is a number here, written out whole. */
function retrieve({ query: parameters }: SimulatedRequest, world: World): SimulatedAnswer {
  const id = parameters.get('file_id');
  const task = world.tasks.list().find((one) => one.echo?.['fileId'] === id && one.phase === 'succeeded');
  if (task === undefined) return refused(2013, 'invalid params, file_id');
  const [link = ''] = world.linksOf(task);
  const file = `"bytes":${world.video.length},"created_at":${Math.floor(task.updatedAtMs / 1_000)},"filename":"output.mp4","purpose":"video_generation","download_url":${JSON.stringify(link)}`;
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: `{"file":{"file_id":${id},${file}},"base_resp":${JSON.stringify(SOUND)}}`,
  };
}

function refused(code: number, message: string, more: object = {}): SimulatedAnswer {
  return json(200, { ...more, base_resp: { status_code: code, status_msg: message } });
}
