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
import type { Phase, SimulatedTask } from '../task-table.js';
import { type Mode, viduFault } from './vidu-request.js';

const MODES: readonly Mode[] = ['text2video', 'img2video', 'start-end2video', 'reference2image'];
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'queueing',
  processing: 'processing',
  unknown: 'scheduling_gpu',
  succeeded: 'success',
  failed: 'failed',
  cancelled: 'failed',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'Unauthorized', 'invalid token'),
  expired_token: failure(401, 'Unauthorized', 'token expired'),
  bad_parameter: failure(400, 'FieldInvalid', 'field duration is invalid'),
  content_refused: failure(400, 'TaskPromptPolicyViolation', 'the prompt violates the policy'),
  // The recorded one came with 402, where the table says 400.
  out_of_balance: failure(402, 'CreditInsufficient', 'insufficient credits'),
  rate_limited: failure(429, 'TooManyRequests', 'too many requests'),
  concurrency: failure(429, 'QuotaExceeded', 'too many tasks at a time'),
  server_error: failure(500, 'InternalServiceFailure', 'internal error'),
};

/** Vidu, section 6 of the wire facts; base URL `<url>`. */
export const SIMULATED: SimulatedVendor = {
  id: 'vidu',
  credential: 'vda_0123456789',
  routes: [
    ...MODES.map((mode) => ({
      method: 'POST',
      path: `/ent/v2/${mode}`,
      call: 'create' as const,
      handle: (request: SimulatedRequest, world: World) => create(mode, request, world),
    })),
    { method: 'GET', path: '/ent/v2/tasks/:id/creations', call: 'status', handle: status },
    { method: 'POST', path: '/ent/v2/tasks/:id/cancel', call: 'cancel', handle: cancel },
  ],
  // The word is "Token"; a bearer token is refused.
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Token ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => failure(404, 'NotFound', 'no such path'),
  toCallback,
};

function create(mode: Mode, { json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = viduFault(mode, body);
  if (fault !== undefined) return failure(400, fault.code, fault.message);
  const model = textMember(body, 'model');
  const payload = textMember(body, 'payload');
  const duration = Number(member(body, 'duration') ?? 5);
  const { id, prompt, createdAtMs } = world.tasks.create(
    {
      id: String(833_201_000_000_000_000n + BigInt(world.nextNumber())),
      externalId: payload === '' ? undefined : payload,
      family: mode,
      isPicture: mode === 'reference2image',
      model,
      prompt: textMember(body, 'prompt'),
      duration,
      callbackUrl: textMember(body, 'callback_url') || undefined,
    },
    raw.toString('utf8'),
  );
  return json(200, {
    task_id: id,
    state: 'created',
    model,
    images: member(body, 'images') ?? [],
    prompt,
    duration,
    seed: member(body, 'seed') ?? 1_840_121,
    resolution: member(body, 'resolution') ?? '720p',
    payload,
    off_peak: false,
    credits: 10,
    created_at: new Date(createdAtMs).toISOString(),
  });
}

function status({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  return task === undefined ? failure(404, 'TaskNotFound', 'task not found') : json(200, toCreations(task, world));
}

/** What callbacks and answers have of a task. */
function toCreations(task: SimulatedTask, world: World): object {
  return {
    id: task.id,
    // A task is made before it waits.
    state: task.phase === 'queued' && task.looks === 1 ? 'created' : WORDS[task.phase],
    err_code: errCodeOf(task),
    credits: 4,
    payload: task.externalId ?? '',
    bgm: false,
    off_peak: false,
    creations: world.linksOf(task).map((url, i) => ({
      id: `${task.id}${i}`,
      url,
      cover_url: url.replace(/\.\w+\?/, '.jpg?'),
      watermarked_url: '',
    })),
  };
}

/** Signed over address and time, and not over the body. */
function toCallback(task: SimulatedTask, world: World, secret: string): SimulatedCallback {
  const { pathname, search } = new URL(task.callbackUrl ?? world.url);
  const date = new Date(world.nowMs()).toUTCString();
  const nonce = randomUUID();
  const text = `POST\n${pathname}\n${search.slice(1)}\nvidu\n${date}\nDate:${date}\nx-request-nonce:${nonce}\n`;
  return {
    body: JSON.stringify(toCreations(task, world)),
    headers: {
      'content-type': 'application/json',
      date,
      'x-request-nonce': nonce,
      'x-hmac-algorithm': 'hmac-sha256',
      'x-hmac-access-key': 'vidu',
      'x-hmac-signed-headers': 'Date;x-request-nonce',
      'x-hmac-signature': createHmac('sha256', secret).update(text).digest('base64'),
    },
  };
}

function errCodeOf({ phase, troubles }: SimulatedTask): string {
  if (phase === 'cancelled') return 'UserCancelled';
  if (phase !== 'failed') return '';
  return troubles.has('content_refused_late') ? 'CreationPolicyViolation' : 'InternalServiceFailure';
}

function cancel({ params, json: body }: SimulatedRequest, world: World): SimulatedAnswer {
  const id = params['id'] ?? '';
  const task = world.tasks.get(id);
  if (task === undefined) return failure(404, 'TaskNotFound', 'task not found');
  if (textMember(body, 'id') !== id) return failure(400, 'FieldLacking', 'field id is lacking');
  if (task.phase !== 'queued') return failure(400, 'BadRequest', 'the task cannot be cancelled any more');
  world.tasks.advance(id, 'cancelled');
  return json(200, {});
}

function failure(http: number, code: string, message: string): SimulatedAnswer {
  return json(http, { code, reason: code, message, metadata: { trace_id: '9a86fd3f2d1c' } });
}
