import { createHmac, randomUUID } from 'node:crypto';
import type { Refusal } from '../faults.js';
import {
  json,
  member,
  type SimulatedAnswer,
  type SimulatedCallback,
  type SimulatedRequest,
  type SimulatedVendor,
  textMember,
  type World,
} from '../simulated-vendor.js';
import { isOver, type Phase, type SimulatedTask } from '../task-table.js';

/** What an input may be: one of these values, a whole number within bounds, a type, or an address or data URI. */
type Form = readonly unknown[] | { readonly min: number; readonly max: number } | 'picture' | 'number' | 'boolean';

const LINES = ['480p', '720p', '1080p'];
const SEEDANCE_RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9', '9:21'];
/** Of some models, from their pages; others may be given anything. Inputs that a model does not have are passed over. */
const SCHEMAS: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  'kwaivgi/kling-v2.5-turbo-pro': { duration: [5, 10], aspect_ratio: ['16:9', '9:16', '1:1'], start_image: 'picture' },
  'google/veo-3.1-fast': {
    duration: [4, 6, 8],
    resolution: ['720p', '1080p'],
    aspect_ratio: ['16:9', '9:16'],
    generate_audio: 'boolean',
    image: 'picture',
    last_frame: 'picture',
    seed: 'number',
  },
  'bytedance/seedance-1-pro': {
    duration: { min: 2, max: 12 },
    resolution: LINES,
    aspect_ratio: SEEDANCE_RATIOS,
    camera_fixed: 'boolean',
    image: 'picture',
    last_frame_image: 'picture',
  },
  'minimax/hailuo-02-fast': { duration: [6, 10], first_frame_image: 'picture', prompt_optimizer: 'boolean' },
  'wan-video/wan-2.5-t2v': {
    duration: [5, 10],
    size: ['832*480', '480*832', '1280*720', '720*1280', '1920*1080', '1080*1920'],
  },
};

const FORMATS = ['webp', 'jpg', 'png'];
/** The same of models that make pictures. */
const PICTURES: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  'black-forest-labs/flux-schnell': {
    aspect_ratio: ['1:1', '16:9', '21:9', '3:2', '2:3', '4:5', '5:4', '3:4', '4:3', '9:16', '9:21'],
    num_outputs: { min: 1, max: 4 },
    num_inference_steps: { min: 1, max: 4 },
    output_format: FORMATS,
    seed: 'number',
  },
  'black-forest-labs/flux-1.1-pro': {
    safety_tolerance: { min: 1, max: 6 },
    image_prompt: 'picture',
    output_format: FORMATS,
  },
};

const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'starting',
  processing: 'processing',
  unknown: 'warming',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'canceled',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'Unauthenticated', 'You did not pass a valid authentication token'),
  expired_token: failure(401, 'Unauthenticated', 'You did not pass a valid authentication token'),
  bad_parameter: failure(422, 'Input validation failed', '- input.duration: must be one of the following: 5, 10\n'),
  content_refused: failure(
    422,
    'Input validation failed',
    'The input or output was flagged as sensitive. Please try again with different inputs. (E005)',
  ),
  out_of_balance: failure(
    402,
    'Insufficient credit',
    'You have insufficient credit to run this model. Go to https://replicate.com/account/billing#billing to purchase credit.',
  ),
  rate_limited: json(429, { detail: 'Request was throttled. Your rate limit resets in ~30s.', status: 429 }),
  concurrency: json(429, { detail: 'Request was throttled. Your rate limit resets in ~1s.', status: 429 }),
  server_error: failure(500, 'Internal server error', 'Something went wrong.'),
};

/** Replicate's predictions, section 15 of the wire facts; base URL `<url>/v1`. */
export const SIMULATED: SimulatedVendor = {
  id: 'replicate',
  credential: 'r8_of-the-replicate-simulator',
  routes: [
    { method: 'POST', path: '/v1/models/:owner/:name/predictions', call: 'create', handle: createOfModel },
    { method: 'POST', path: '/v1/predictions', call: 'create', handle: createOfVersion },
    { method: 'GET', path: '/v1/predictions', call: 'list', handle: list },
    { method: 'GET', path: '/v1/predictions/:id', call: 'status', handle: get },
    { method: 'POST', path: '/v1/predictions/:id/cancel', call: 'cancel', handle: cancel },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => failure(404, 'Not found', 'The requested resource could not be found.'),
  toCallback,
};

function createOfModel(request: SimulatedRequest, world: World): SimulatedAnswer {
  return create(`${request.params['owner']}/${request.params['name']}`, request, world);
}

function createOfVersion(request: SimulatedRequest, world: World): SimulatedAnswer {
  const version = textMember(request.json, 'version');
  return /^[0-9a-f]{64}$/.test(version)
    ? create(version, request, world)
    : failure(422, 'Invalid version or not permitted', 'The specified version does not exist.');
}

function create(model: string, { json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const input = member(body, 'input');
  if (typeof input !== 'object' || input === null) return invalid('input', 'is required');
  const fault = faultOf(model, input);
  if (fault !== undefined) return invalid(`input.${fault}`, 'is not valid');
  const task = world.tasks.create(
    {
      id: `q8rsdv36${world.nextNumber().toString(36).padStart(8, '0')}0csv3r8b2za`.slice(0, 26),
      family: 'prediction',
      model,
      prompt: textMember(input, 'prompt'),
      callbackUrl: textMember(body, 'webhook') || undefined,
      count: Number(member(input, 'num_outputs') ?? 1),
      isPicture: Object.hasOwn(PICTURES, model),
      duration: Number(member(input, 'duration') ?? 5),
      echo: { input },
    },
    raw.toString('utf8'),
  );
  return json(201, predictionOf(task, world));
}

function faultOf(model: string, input: object): string | undefined {
  const schema = { ...SCHEMAS, ...PICTURES }[model];
  if (schema === undefined) return undefined;
  if (textMember(input, 'prompt') === '') return 'prompt';
  return Object.keys(schema).find((name) => {
    const value = member(input, name);
    return value !== undefined && !isOfForm(value, schema[name] ?? []);
  });
}

function isOfForm(value: unknown, form: Form): boolean {
  if (form === 'picture') return typeof value === 'string' && /^(?:https?:\/\/|data:image\/[a-z]+;base64,)/.test(value);
  if (form === 'number' || form === 'boolean') return typeof value === form;
  if ('min' in form) return Number.isInteger(value) && Number(value) >= form.min && Number(value) <= form.max;
  return form.includes(value);
}

function get({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  return task === undefined
    ? failure(404, 'Not found', 'The requested resource could not be found.')
    : json(200, predictionOf(task, world));
}

/** A model that was named hides its version; the simulator does not know whose a version is. */
function nameOf(model: string): object {
  return model.includes('/') ? { model, version: 'hidden' } : { version: model };
}

/** Newest first, a hundred a page; without input, output and logs. */
function list(_request: SimulatedRequest, world: World): SimulatedAnswer {
  const results = world.tasks
    .list()
    .toReversed()
    .slice(0, 100)
    .map(({ id, model, phase, createdAtMs }) => ({
      id,
      ...nameOf(model),
      status: WORDS[phase],
      source: 'api',
      created_at: new Date(createdAtMs).toISOString(),
    }));
  return json(200, { previous: null, next: null, results });
}

function cancel({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task === undefined) return failure(404, 'Not found', 'The requested resource could not be found.');
  if (isOver(task.phase)) return failure(422, 'Unprocessable', 'The prediction is already over.');
  return json(200, predictionOf(world.tasks.advance(task.id, 'cancelled'), world));
}

function predictionOf(task: SimulatedTask, world: World): object {
  const url = `https://api.replicate.com/v1/predictions/${task.id}`;
  const over = isOver(task.phase);
  return {
    id: task.id,
    ...nameOf(task.model),
    status: WORDS[task.phase],
    ...task.echo,
    output: outputOf(task, world),
    error: errorOf(task),
    logs: '',
    data_removed: false,
    created_at: new Date(task.createdAtMs).toISOString(),
    started_at: task.phase === 'queued' ? null : new Date(task.updatedAtMs).toISOString(),
    completed_at: over ? new Date(task.updatedAtMs).toISOString() : null,
    metrics: over ? { predict_time: 61.2, total_time: 63.4 } : {},
    urls: { get: url, cancel: `${url}/cancel`, web: `https://replicate.com/p/${task.id}` },
  };
}

/** One address as text, or a list: that depends on the model. */
function outputOf(task: SimulatedTask, world: World): unknown {
  const links = world.linksOf(task);
  if (links.length === 0) return null;
  return /^google\/|schnell/.test(task.model) ? links : links[0];
}

function errorOf({ phase, troubles }: SimulatedTask): string | null {
  if (phase !== 'failed') return null;
  return troubles.has('content_refused_late')
    ? 'The input or output was flagged as sensitive. Please try again with different inputs. (E005)'
    : 'Prediction failed for an unknown reason. It might have run out of memory? (exitcode 137)';
}

/** The prediction itself, signed as Standard Webhooks are. */
function toCallback(task: SimulatedTask, world: World, secret: string): SimulatedCallback {
  const body = JSON.stringify(predictionOf(task, world));
  const id = `msg_${randomUUID()}`;
  const timestamp = String(Math.floor(world.nowMs() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
  };
}

function invalid(field: string, what: string): SimulatedAnswer {
  return failure(422, 'Input validation failed', `- ${field}: ${what}\n`);
}

function failure(status: number, title: string, detail: string): SimulatedAnswer {
  return json(status, { title, detail, status });
}
