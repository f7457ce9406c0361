import type { Refusal } from '../faults.js';
import {
  json,
  member,
  type Route,
  type SimulatedAnswer,
  type SimulatedRequest,
  type SimulatedVendor,
  textMember,
  type World,
} from '../simulated-vendor.js';
import { isOver, type Phase, type SimulatedTask } from '../task-table.js';
import { falCallback } from './fal-callback.js';
import { falError, falResult, falTypedError } from './fal-result.js';

/** What an input may be: one of these values, an address or a data URI or a list of them, a size of whole numbers, or of a type. */
type Form = readonly unknown[] | 'picture' | 'pictures' | 'pixels' | 'number' | 'boolean';

const RATIOS = ['16:9', '9:16', '1:1'];
const SECONDS = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `${from + i}`);
/** Of some endpoints, from the types of fal's client; the values of others are not looked at. As pydantic does, other fields are passed over. */
const SCHEMAS: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  'fal-ai/kling-video/v2.5-turbo/pro/text-to-video': {
    duration: ['5', '10'],
    aspect_ratio: RATIOS,
    cfg_scale: 'number',
  },
  'fal-ai/kling-video/v2.5-turbo/pro/image-to-video': {
    duration: ['5', '10'],
    image_url: 'picture',
    tail_image_url: 'picture',
    cfg_scale: 'number',
  },
  'fal-ai/kling-video/v3/pro/text-to-video': {
    duration: SECONDS(3, 15),
    aspect_ratio: RATIOS,
    generate_audio: 'boolean',
  },
  'fal-ai/veo3.1': {
    duration: ['4s', '6s', '8s'],
    resolution: ['720p', '1080p'],
    aspect_ratio: ['16:9', '9:16'],
    generate_audio: 'boolean',
    seed: 'number',
  },
  'fal-ai/bytedance/seedance/v1.5/pro/text-to-video': {
    duration: SECONDS(4, 12),
    resolution: ['480p', '720p', '1080p'],
    generate_audio: 'boolean',
  },
  'fal-ai/minimax/hailuo-02/standard/image-to-video': {
    duration: ['6', '10'],
    resolution: ['512P', '768P'],
    image_url: 'picture',
    end_image_url: 'picture',
  },
  'fal-ai/vidu/q3/text-to-video': {
    duration: Array.from({ length: 16 }, (_, i) => i + 1),
    resolution: ['360p', '540p', '720p', '1080p'],
    audio: 'boolean',
  },
};
const PICTURE_RATIOS = ['21:9', '16:9', '4:3', '3:2', '1:1', '2:3', '3:4', '9:16', '9:21'];
/** The same of endpoints that make pictures. */
const PICTURES: Readonly<Record<string, Readonly<Record<string, Form>>>> = {
  'fal-ai/flux/dev': {
    image_size: 'pixels',
    num_images: [1, 2, 3, 4],
    num_inference_steps: 'number',
    enable_safety_checker: 'boolean',
    output_format: ['jpeg', 'png'],
    seed: 'number',
  },
  'fal-ai/flux-pro/kontext': { image_url: 'picture', aspect_ratio: PICTURE_RATIOS, num_images: [1, 2, 3, 4] },
  'fal-ai/bytedance/seedream/v4/edit': { image_urls: 'pictures', image_size: 'pixels', num_images: [1, 2, 3, 4, 5, 6] },
};
const IS_REQUIRED = /^(?:image_url|start_image_url|image_urls)$/;

const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'IN_QUEUE',
  processing: 'IN_PROGRESS',
  unknown: 'IN_LIMBO',
  succeeded: 'COMPLETED',
  failed: 'COMPLETED',
  cancelled: 'COMPLETED',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: falError(401, 'Cannot access application. Authentication is required to access this application.'),
  expired_token: falError(401, 'Invalid or expired key.'),
  bad_parameter: falTypedError(422, 'literal_error', "Input should be '5' or '10'", 'duration'),
  content_refused: falTypedError(422, 'content_policy_violation', 'The content was flagged by a content checker.'),
  out_of_balance: falError(403, 'User is locked. Reason: Exhausted balance. Top up your balance at fal.ai.'),
  rate_limited: falError(429, 'Too many requests.'),
  concurrency: falError(429, 'Concurrent requests limit reached.'),
  server_error: falError(500, 'Internal Server Error'),
};

const REQUEST = '/:owner/:app/requests/:id';
/** Endpoints have two to eight parts. */
const ENDPOINTS = ['', '/:a', '/:a/:b', '/:a/:b/:c', '/:a/:b/:c/:d', '/:a/:b/:c/:d/:e'];

/** fal's queue, section 14 of the wire facts; base URL `<url>`. */
export const SIMULATED: SimulatedVendor = {
  id: 'fal',
  credential: '0b5f7b0e-1111-4222-8333-444455556666:0123456789abcdef',
  routes: [
    { method: 'GET', path: `${REQUEST}/status`, call: 'status', handle: status },
    { method: 'GET', path: REQUEST, call: 'status', handle: result },
    { method: 'PUT', path: `${REQUEST}/cancel`, call: 'cancel', handle: cancel },
    ...ENDPOINTS.map(
      (rest): Route => ({ method: 'POST', path: `/:owner/:app${rest}`, call: 'create', handle: create }),
    ),
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Key ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => falError(404, 'Path not found'),
  toCallback: falCallback,
};

function create({ path, query, json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const endpoint = path.slice(1);
  const app = endpoint.split('/').slice(0, 2).join('/');
  if (typeof body !== 'object' || body === null) return falTypedError(422, 'json_invalid', 'JSON decode error');
  const fault = faultOf(endpoint, body);
  // The queue takes everything on; what is wrong with it is told by the model. A few applications check before.
  if (fault !== undefined) return falTypedError(422, 'value_error', `Input should be valid: ${fault}`, fault);
  const number = world.nextNumber().toString(16).padStart(12, '0');
  const task = world.tasks.create(
    {
      id: `764cabcf-b745-4b3e-ae38-${number}`,
      family: app,
      model: endpoint,
      prompt: textMember(body, 'prompt'),
      callbackUrl: query.get('fal_webhook') ?? undefined,
      count: Number(member(body, 'num_images') ?? 1),
      isPicture: Object.hasOwn(PICTURES, endpoint),
      duration: Number.parseInt(String(member(body, 'duration') ?? 5), 10),
    },
    raw.toString('utf8'),
  );
  return json(200, { status: 'IN_QUEUE', ...linksOf(task), queue_position: 0 });
}

function faultOf(endpoint: string, body: unknown): string | undefined {
  const schema = { ...SCHEMAS, ...PICTURES }[endpoint];
  if (schema === undefined) return undefined;
  if (textMember(body, 'prompt') === '') return 'prompt';
  return Object.keys(schema).find((name) => {
    const value = member(body, name);
    return value === undefined ? IS_REQUIRED.test(name) : !isOfForm(value, schema[name]);
  });
}

function isOfForm(value: unknown, form: Form | undefined): boolean {
  if (form === 'picture') return typeof value === 'string' && /^(?:https?:\/\/|data:image\/[a-z]+;base64,)/.test(value);
  if (form === 'pictures') return Array.isArray(value) && value.every((one) => isOfForm(one, 'picture'));
  if (form === 'pixels') return Number.isInteger(member(value, 'width')) && Number.isInteger(member(value, 'height'));
  if (form === 'number' || form === 'boolean') return typeof value === form;
  return form?.includes(value) ?? false;
}

/** All addresses have only owner and application. */
function linksOf({ id, family }: SimulatedTask): object {
  const url = `https://queue.fal.run/${family}/requests/${id}`;
  return { request_id: id, response_url: url, status_url: `${url}/status`, cancel_url: `${url}/cancel` };
}

function find({ params }: SimulatedRequest, world: World): SimulatedTask | undefined {
  const task = world.tasks.get(params['id'] ?? '');
  return task?.family === `${params['owner']}/${params['app']}` && !task.troubles.has('vanished') ? task : undefined;
}

function status(request: SimulatedRequest, world: World): SimulatedAnswer {
  const found = find(request, world);
  const task = found === undefined ? undefined : world.tasks.look(found.id);
  if (task === undefined) return falError(404, 'Request not found');
  const common = { status: WORDS[task.phase], ...linksOf(task) };
  if (task.phase === 'queued') return json(202, { ...common, queue_position: 0 });
  return isOver(task.phase)
    ? json(200, { ...common, logs: null, metrics: { inference_time: 12.3 } })
    : json(202, { ...common, logs: null });
}

function result(request: SimulatedRequest, world: World): SimulatedAnswer {
  const task = find(request, world);
  return task === undefined ? falError(404, 'Request not found') : falResult(task, world);
}

function cancel(request: SimulatedRequest, world: World): SimulatedAnswer {
  const task = find(request, world);
  if (task === undefined) return json(404, { status: 'NOT_FOUND' });
  if (isOver(task.phase)) return json(400, { status: 'ALREADY_COMPLETED' });
  const word = task.phase === 'queued' ? 'OK' : 'CANCELLATION_REQUESTED';
  world.tasks.advance(task.id, 'cancelled');
  return json(word === 'OK' ? 200 : 202, { status: word });
}
