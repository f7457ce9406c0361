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

const FAMILY = 'v2';
const QUERY = '/v2/query/video_generation';
const FIRST_TASK = 424_010_985_738_629n;
const PROMPT_CHARACTERS_MAX = 7_000;
const RATIOS = ['21:9', '16:9', '4:3', '1:1', '3:4', '9:16'];
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'queued',
  processing: 'running',
  unknown: 'rendering',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
};
const MODELS: Readonly<Record<string, { resolutions: string; durationMin: number }>> = {
  'MiniMax-H3': { resolutions: '768P 2K', durationMin: 4 },
  'MiniMax-H3-Max': { resolutions: '480P 768P', durationMin: 5 },
};
const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'authorized_error', 'login fail', 1004),
  expired_token: failure(401, 'authorized_error', 'invalid api key', 1004),
  bad_parameter: failure(400, 'bad_request_error', 'invalid params', 2013),
  content_refused: failure(422, 'unprocessable_entity_error', 'input new_sensitive', 1026),
  out_of_balance: failure(402, 'insufficient_balance_error', 'insufficient balance', 1008),
  rate_limited: failure(429, 'rate_limit_error', 'rate limit', 1002),
  concurrency: failure(429, 'rate_limit_error', 'rate limit', 1002),
  server_error: failure(500, 'server_error', 'unknown error', 1000),
};

/** H3 by MiniMax's second API, section 5.4 of the wire facts; base URL `<url>/v1`, which is what its chat has. */
export const minimaxV2: Required<Omit<SimulatedVendor, 'toChallenge'>> = {
  id: 'minimax-v2',
  credential: 'minimax-key-of-the-simulator',
  routes: [
    { method: 'POST', path: '/v2/video_generation', call: 'create', handle: create },
    { method: 'GET', path: `${QUERY}/:id`, call: 'status', handle: get },
    { method: 'GET', path: QUERY, call: 'list', handle: list },
    { method: 'DELETE', path: '/v2/video_generation/:id', call: 'cancel', handle: cancel },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal: Refusal, _call: CallKind) => REFUSED[refusal],
  notFound: () => ({ status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' }),
  toCallback: (task, world) => ({
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ task: present(task, world) }),
  }),
};

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = faultOf(body);
  if (fault !== undefined) return failure(400, 'bad_request_error', `invalid params, ${fault}`, 2013);
  const text = contentOf(body, 'text').map((item) => textMember(item, 'text'));
  const task = world.tasks.create(
    {
      id: String(FIRST_TASK + BigInt(world.nextNumber())),
      family: FAMILY,
      model: textMember(body, 'model'),
      prompt: text.join('\n'),
      callbackUrl: textMember(body, 'callback_url'),
      duration: Number(member(body, 'duration')),
      echo: { resolution: member(body, 'resolution'), ratio: member(body, 'ratio') ?? 'adaptive' },
    },
    raw.toString('utf8'),
  );
  return json(200, { task_id: task.id });
}

function faultOf(body: unknown): string | undefined {
  const model = MODELS[textMember(body, 'model')];
  if (model === undefined) return 'model';
  const [text, ...others] = contentOf(body, 'text').map((item) => textMember(item, 'text'));
  if (text === undefined || text === '' || text.length > PROMPT_CHARACTERS_MAX || others.length > 0) return 'content';
  const pictures = contentOf(body, 'image_url');
  const roles = pictures.map((item) => textMember(item, 'role'));
  const isLastAlone = roles.includes('last_frame') && !roles.includes('first_frame');
  const isMixed = roles.includes('reference_image') && new Set(roles).size > 1;
  const areKnown = roles.every((role) => ['first_frame', 'last_frame', 'reference_image'].includes(role));
  if (!areKnown || isLastAlone || isMixed || !pictures.every(isPicture)) return 'content';
  if (!model.resolutions.split(' ').includes(textMember(body, 'resolution'))) return 'resolution';
  const duration = Number(member(body, 'duration'));
  if (!Number.isInteger(duration) || duration < model.durationMin || duration > 15) return 'duration';
  const ratio = textMember(body, 'ratio');
  // Without a picture there is nothing to adapt to.
  const isRatioKnown = RATIOS.includes(ratio) || (pictures.length > 0 && (ratio === 'adaptive' || ratio === ''));
  return isRatioKnown ? undefined : 'ratio';
}

function isPicture(item: unknown): boolean {
  return /^(?:https?:\/\/|mm_file:\/\/|data:image\/[a-z]+;base64,[A-Za-z0-9+/=]+$)/.test(
    textMember(member(item, 'image_url'), 'url'),
  );
}

function contentOf(body: unknown, type: string): readonly unknown[] {
  const content = member(body, 'content');
  return Array.isArray(content) ? content.filter((item) => member(item, 'type') === type) : [];
}

function get({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const id = params['id'] ?? '';
  const task = world.tasks.get(id)?.family === FAMILY ? world.tasks.look(id) : undefined;
  return task === undefined ? gone() : json(200, { task: present(task, world) });
}

function list({ query }: SimulatedRequest, world: World): SimulatedAnswer {
  const ids = query.getAll('filter.task_ids');
  const found = world.tasks
    .list()
    .filter((task) => task.family === FAMILY && !task.troubles.has('vanished'))
    .filter((task) => ids.length === 0 || ids.includes(task.id))
    .filter((task) => (query.get('filter.status') ?? WORDS[task.phase]) === WORDS[task.phase])
    .filter((task) => (query.get('filter.model') ?? task.model) === task.model)
    .reverse();
  const size = Number(query.get('page_size') ?? 10);
  const start = (Number(query.get('page_num') ?? 1) - 1) * size;
  return json(200, {
    items: found.slice(start, start + size).map((task) => present(task, world)),
    total: found.length,
  });
}

/** What DELETE does hangs on the state: of a task that is over it destroys the record. */
function cancel({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task?.family !== FAMILY || task.troubles.has('vanished')) return gone();
  if (task.phase === 'queued') {
    world.tasks.advance(task.id, 'cancelled');
    return json(200, { task_id: task.id, action: 'cancelled', status: 'cancelled' });
  }
  if (task.phase !== 'succeeded' && task.phase !== 'failed')
    return failure(400, 'bad_request_error', `invalid params, the task is ${WORDS[task.phase]}`, 2013);
  world.tasks.forget(task.id);
  return json(200, { task_id: task.id, action: 'deleted', status: WORDS[task.phase] });
}

function present(task: SimulatedTask, world: World): unknown {
  const isDone = task.phase === 'succeeded';
  const [url] = world.linksOf(task);
  return {
    id: task.id,
    model: task.model,
    status: WORDS[task.phase],
    created_at: Math.floor(task.createdAtMs / 1_000),
    updated_at: Math.floor(task.updatedAtMs / 1_000),
    ...(isDone ? { content: { url: url ?? '', prompt: task.prompt } } : {}),
    ...(task.phase === 'failed' ? { error: reasonOf(task) } : {}),
    ...task.echo,
    duration: task.duration,
    ...(isDone ? { usage: usageOf(task) } : {}),
    task_type: 'video_generation',
    modality: 'video',
  };
}

function usageOf({ duration }: SimulatedTask): unknown {
  return { total_seconds: duration, input_seconds: 0, output_seconds: duration, input_image_count: 0 };
}

function reasonOf(task: SimulatedTask): unknown {
  return task.troubles.has('content_refused_late')
    ? { code: '1027', message: 'output new_sensitive' }
    : { code: '1000', message: 'unknown error' };
}

function gone(): SimulatedAnswer {
  return failure(400, 'bad_request_error', 'invalid task_id', 2013);
}

function failure(status: number, type: string, message: string, code: number): SimulatedAnswer {
  const error = { type, message: `${message} (${code})`, http_code: String(status) };
  return json(status, { type: 'error', error, request_id: '05b7f4c2' });
}
