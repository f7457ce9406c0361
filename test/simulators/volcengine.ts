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

const TASKS = '/api/v3/contents/generations/tasks';
const PAGE_DEFAULT = 10;
const SEED_MAX = 2 ** 32 - 1;
const RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9', 'adaptive'];
const ROLES = ['first_frame', 'last_frame', 'reference_image'];
const LIMITS: readonly (readonly [model: RegExp, min: number, max: number, resolutions: string, hasAudio: boolean])[] =
  [
    [/seedance-2-5/, 4, 30, '480p 720p 1080p', true],
    [/seedance-2-0-(?:fast|mini)/, 4, 15, '480p 720p', true],
    [/seedance-2-0/, 4, 15, '480p 720p 1080p', true],
    [/seedance-1-5/, 4, 12, '480p 720p 1080p', true],
    [/seedance-1-0/, 2, 12, '480p 720p 1080p', false],
    [/^ep-/, 2, 30, '480p 720p 1080p', true],
  ];
const FRAME_SIZES: Readonly<Record<string, number>> = {
  '480p': 864 * 496,
  '720p': 1280 * 720,
  '1080p': 1920 * 1080,
};
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'queued',
  processing: 'running',
  unknown: 'rendering',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'AuthenticationError', 'The API key in the request is missing or invalid.'),
  expired_token: failure(401, 'AuthenticationError', 'The API key has expired.'),
  bad_parameter: failure(400, 'InvalidParameter', 'The parameter specified in the request is not valid.'),
  content_refused: failure(
    400,
    'InputTextSensitiveContentDetected',
    'The input text may contain sensitive information.',
  ),
  // Of all that cannot be paid this is the one that looks like a rate limit.
  out_of_balance: failure(429, 'SetLimitExceeded', 'Your account has reached the set inference limit for this model.'),
  rate_limited: failure(429, 'ModelAccountRpmRateLimitExceeded', 'Requests per minute of the account exceeded.'),
  concurrency: failure(429, 'InflightBatchsizeExceeded', 'Too many requests are being processed.'),
  server_error: failure(500, 'InternalServiceError', 'The service encountered an unexpected internal error.'),
};

/** Seedance on Volcengine Ark, section 3 of the wire facts; base URL `<url>/api/v3`. */
export const volcengineSimulator: SimulatedVendor = {
  id: 'volcengine',
  credential: 'ark-key-of-the-simulator',
  routes: [
    { method: 'POST', path: TASKS, call: 'create', handle: create },
    { method: 'GET', path: TASKS, call: 'list', handle: list },
    { method: 'GET', path: `${TASKS}/:id`, call: 'status', handle: get },
    { method: 'DELETE', path: `${TASKS}/:id`, call: 'cancel', handle: cancel },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal: Refusal, _call: CallKind) => REFUSED[refusal],
  notFound: () => failure(404, 'InvalidEndpointOrModel.NotFound', 'The endpoint does not exist.'),
  toCallback: (task, world) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(present(task, world)),
  }),
};

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = faultOf(body);
  if (fault !== undefined) return fault;
  const texts = contentOf(body).filter((item) => member(item, 'type') === 'text');
  const duration = numberOr(body, 'duration', 5);
  const task = world.tasks.create(
    {
      id: `cgt-${stamp(world.nowMs())}-${world.nextNumber().toString(36).padStart(5, '0')}`,
      family: '',
      model: textMember(body, 'model'),
      prompt: texts.map((item) => textMember(item, 'text')).join('\n'),
      callbackUrl: textMember(body, 'callback_url'),
      duration,
      echo: {
        seed: numberOr(body, 'seed', 1276),
        resolution: member(body, 'resolution') ?? '720p',
        ratio: member(body, 'ratio') ?? '16:9',
        duration,
        framespersecond: 24,
        service_tier: 'default',
        execution_expires_after: 172_800,
        generate_audio: member(body, 'generate_audio') ?? true,
        draft: false,
      },
    },
    raw.toString('utf8'),
  );
  return json(200, { id: task.id });
}

function faultOf(body: unknown): SimulatedAnswer | undefined {
  const model = textMember(body, 'model');
  if (model === '') return failure(400, 'MissingParameter.model', 'The request is missing `model`.', 'model');
  const [, min, max, resolutions, hasAudio] = LIMITS.find(([pattern]) => pattern.test(model)) ?? [];
  if (min === undefined || max === undefined)
    return failure(404, 'InvalidEndpointOrModel.NotFound', `The model or endpoint ${model} does not exist.`);
  const content = contentOf(body);
  if (content.length === 0)
    return failure(400, 'MissingParameter.content', 'The request is missing `content`.', 'content');
  if (!areSound(content)) return invalid('content');
  const duration = numberOr(body, 'duration', 5);
  if (!Number.isInteger(duration) || duration < min || duration > max) return invalid('duration');
  const resolution = member(body, 'resolution');
  if (resolution !== undefined && resolutions?.split(' ').includes(String(resolution)) !== true)
    return invalid('resolution');
  const ratio = member(body, 'ratio');
  if (ratio !== undefined && !RATIOS.includes(String(ratio))) return invalid('ratio');
  const seed = numberOr(body, 'seed', -1);
  if (!Number.isInteger(seed) || seed < -1 || seed > SEED_MAX) return invalid('seed');
  if (member(body, 'generate_audio') !== undefined && hasAudio !== true) return invalid('generate_audio');
  return undefined;
}

/** First frame, first and last frame, and references are three ways that exclude each other. */
function areSound(content: readonly unknown[]): boolean {
  const pictures = content.filter((item) => member(item, 'type') === 'image_url');
  const roles = pictures.map((item) => member(item, 'role') ?? 'first_frame');
  const urls = pictures.map((item) => textMember(member(item, 'image_url'), 'url'));
  const areKnown = roles.every((role) => ROLES.includes(String(role)));
  const arePictures = urls.every((url) =>
    /^(?:https?:\/\/|asset:\/\/|data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+$)/.test(url),
  );
  const isLastAlone = roles.includes('last_frame') && !roles.includes('first_frame');
  const isMixed = roles.includes('reference_image') && new Set(roles).size > 1;
  const isTextEmpty = content.some((item) => member(item, 'type') === 'text' && textMember(item, 'text') === '');
  return areKnown && arePictures && !isLastAlone && !isMixed && !isTextEmpty;
}

function list({ query }: SimulatedRequest, world: World): SimulatedAnswer {
  const ids = query.getAll('filter.task_ids');
  const status = query.get('filter.status');
  const model = query.get('filter.model');
  const found = world.tasks
    .list()
    .filter((task) => !task.troubles.has('vanished'))
    .filter((task) => ids.length === 0 || ids.includes(task.id))
    .filter((task) => status === null || WORDS[task.phase] === status)
    .filter((task) => model === null || task.model === model)
    .reverse();
  const size = Number(query.get('page_size') ?? PAGE_DEFAULT);
  const start = (Number(query.get('page_num') ?? 1) - 1) * size;
  return json(200, {
    total: found.length,
    items: found.slice(start, start + size).map((task) => present(task, world)),
  });
}

function get({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  return task === undefined ? gone(params['id']) : json(200, present(task, world));
}

/** What DELETE does hangs on the state: of a task that is over it destroys the record. */
function cancel({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task === undefined || task.troubles.has('vanished')) return gone(params['id']);
  if (task.phase === 'queued') world.tasks.advance(task.id, 'cancelled');
  else if (task.phase === 'succeeded' || task.phase === 'failed') world.tasks.forget(task.id);
  else return failure(400, 'OperationDenied.InvalidState', `The task is ${WORDS[task.phase]} and cannot be deleted.`);
  return json(200, {});
}

function present(task: SimulatedTask, world: World): unknown {
  const [videoUrl] = world.linksOf(task);
  const frames = 24 * task.duration + 1;
  const tokens = ((FRAME_SIZES[String(task.echo?.['resolution'])] ?? 0) * frames) / 1024;
  return {
    id: task.id,
    model: task.model,
    status: WORDS[task.phase],
    ...(videoUrl === undefined ? {} : { content: { video_url: videoUrl } }),
    ...(task.phase === 'succeeded' ? { usage: { completion_tokens: tokens, total_tokens: tokens } } : {}),
    ...(task.phase === 'failed' ? { error: reasonOf(task) } : {}),
    created_at: Math.floor(task.createdAtMs / 1_000),
    updated_at: Math.floor(task.updatedAtMs / 1_000),
    ...task.echo,
  };
}

function reasonOf(task: SimulatedTask): unknown {
  return task.troubles.has('content_refused_late')
    ? {
        code: 'OutputVideoSensitiveContentDetected',
        message: 'The output video may contain sensitive information. Request ID: 0217',
      }
    : {
        code: 'InternalServiceError',
        message: 'The service encountered an unexpected internal error. Request ID: 0217',
      };
}

function contentOf(body: unknown): readonly unknown[] {
  const content = member(body, 'content');
  return Array.isArray(content) ? content : [];
}

function numberOr(body: unknown, name: string, otherwise: number): number {
  const value = member(body, name);
  if (value === undefined) return otherwise;
  return typeof value === 'number' ? value : Number.NaN;
}

function invalid(param: string): SimulatedAnswer {
  return failure(
    400,
    `InvalidParameter.${param}`,
    `The parameter \`${param}\` specified in the request is not valid.`,
    param,
  );
}

function gone(id: string | undefined): SimulatedAnswer {
  return failure(404, 'NotFound.Task', `The task ${id} is not found.`);
}

function failure(status: number, code: string, message: string, param = ''): SimulatedAnswer {
  const type = status === 429 ? 'TooManyRequests' : 'BadRequest';
  return json(status, { error: { code, message: `${message} Request ID: 0217`, param, type } });
}

/** `20260514183217` */
function stamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 14);
}
