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

const MODEL = /^flux-(?:pro-1\.1(?:-ultra)?|pro|dev|kontext-(?:pro|max)|2-[a-z0-9-]+)$/;
const BY_RATIO = /ultra|kontext/;

const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'Pending',
  processing: 'Pending',
  unknown: 'Reticulating',
  succeeded: 'Ready',
  failed: 'Error',
  cancelled: 'Error',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: json(403, { detail: 'Not authenticated - Invalid Authentication' }),
  expired_token: json(403, { detail: 'Not authenticated - Invalid Authentication' }),
  bad_parameter: invalid('output_format', "Input should be 'jpeg' or 'png'"),
  content_refused: json(422, { detail: 'Request Moderated' }),
  out_of_balance: json(402, { detail: 'Insufficient credits. Please add credits to your account.' }),
  rate_limited: json(429, { detail: 'Rate limit exceeded' }),
  concurrency: json(429, { detail: 'Too many active tasks' }),
  server_error: json(500, { detail: 'Internal server error' }),
};

/** Black Forest Labs, section 4 of the wire facts of pictures; base URL `<url>/v1`. */
export const SIMULATED: SimulatedVendor = {
  id: 'bfl',
  credential: 'key-of-the-bfl-simulator',
  routes: [
    { method: 'POST', path: '/v1/:model', call: 'create', handle: create },
    { method: 'GET', path: '/v1/get_result', call: 'status', handle: getResult },
  ],
  authorize: ({ headers }, { credential }) => (headers['x-key'] === credential ? undefined : REFUSED.auth_failure),
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => json(404, { detail: 'Not Found' }),
};

function create({ params, json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const model = params['model'] ?? '';
  if (!MODEL.test(model)) return json(404, { detail: 'Not Found' });
  const fault = faultOf(model, body);
  if (fault !== undefined) return fault;
  const id = `6d0ebd3e-8f0f-4b1c-9b0e-${world.nextNumber().toString(16).padStart(12, '0')}`;
  const draft = { id, family: 'flux', model, prompt: textMember(body, 'prompt'), isPicture: true, duration: 0 };
  world.tasks.create(draft, raw.toString('utf8'));
  return json(200, { id, polling_url: `${world.url}/v1/get_result?id=${id}`, cost: 4, input_mp: 0, output_mp: 1.05 });
}

function faultOf(model: string, body: unknown): SimulatedAnswer | undefined {
  if (textMember(body, 'prompt') === '' && member(body, 'input_image') === undefined)
    return invalid('prompt', 'Field required');
  const isByRatio = BY_RATIO.test(model);
  for (const side of ['width', 'height']) {
    const value = member(body, side);
    if (value === undefined) continue;
    if (isByRatio) return invalid(side, 'Extra inputs are not permitted');
    const step = model.startsWith('flux-2') ? 16 : 32;
    if (typeof value !== 'number' || value % step !== 0) return invalid(side, `Input should be a multiple of ${step}`);
  }
  const ratio = member(body, 'aspect_ratio');
  if (ratio !== undefined && !(isByRatio && /^\d+:\d+$/.test(String(ratio)))) return invalid('aspect_ratio', 'Invalid');
  const image = textMember(body, 'input_image') || textMember(body, 'image_prompt');
  return image.startsWith('data:') ? invalid('input_image', 'Invalid base64') : undefined;
}

function getResult({ query }: SimulatedRequest, world: World): SimulatedAnswer {
  const id = query.get('id') ?? '';
  const task = world.tasks.look(id);
  if (task === undefined) return json(404, { id, status: 'Task not found', result: null });
  return json(200, toTask(task, world));
}

function toTask(task: SimulatedTask, world: World): object {
  const { id, phase, prompt } = task;
  const status = task.troubles.has('content_refused_late') && phase === 'failed' ? 'Content Moderated' : WORDS[phase];
  const details = status === 'Content Moderated' ? { 'Moderation Reasons': ['Derivative Works Filter'] } : null;
  const [sample] = world.linksOf(task);
  const result =
    phase === 'succeeded' ? { sample, prompt, seed: 42, start_time: 1.5, end_time: 3.5, duration: 2 } : null;
  return { id, status, result, progress: phase === 'processing' ? 0.5 : null, details, preview: null };
}

function invalid(field: string, message: string): SimulatedAnswer {
  return json(422, { detail: [{ type: 'value_error', loc: ['body', field], msg: message, input: null }] });
}
