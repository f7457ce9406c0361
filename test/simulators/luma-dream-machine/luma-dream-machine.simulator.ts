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

const BASE = '/dream-machine/v1/generations';
const RATIOS = ['1:1', '16:9', '9:16', '4:3', '3:4', '21:9', '9:21'];
const RESOLUTIONS = ['540p', '720p', '1080p', '4k'];
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'queued',
  processing: 'dreaming',
  unknown: 'daydreaming',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'failed',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'Not authenticated'),
  expired_token: failure(401, 'API key has expired'),
  bad_parameter: failure(400, 'Invalid duration'),
  content_refused: failure(400, 'Prompt failed moderation'),
  out_of_balance: failure(400, 'Insufficient credits'),
  rate_limited: failure(429, 'Too many requests'),
  concurrency: failure(429, 'Too many concurrent generations'),
  server_error: failure(500, 'Internal server error'),
};

/** Luma Dream Machine, section 11.2 of the wire facts; base URL `<url>/dream-machine/v1`. */
export const SIMULATED: SimulatedVendor = {
  id: 'luma-dream-machine',
  credential: 'luma-of-the-simulator',
  routes: [
    { method: 'POST', path: `${BASE}/video`, call: 'create', handle: create },
    { method: 'POST', path: BASE, call: 'create', handle: create },
    { method: 'GET', path: `${BASE}/:id`, call: 'status', handle: status },
    { method: 'GET', path: BASE, call: 'list', handle: list },
    { method: 'DELETE', path: `${BASE}/:id`, call: 'cancel', handle: remove },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => failure(404, 'Not Found'),
};

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = faultOf(body);
  if (fault !== undefined) return failure(400, fault);
  const task = world.tasks.create(
    {
      id: `123e4567-e89b-12d3-a456-${world.nextNumber().toString(16).padStart(12, '0')}`,
      family: 'video',
      model: textMember(body, 'model'),
      prompt: textMember(body, 'prompt'),
      duration: Number.parseInt(textMember(body, 'duration'), 10),
    },
    raw.toString('utf8'),
  );
  return json(201, generationOf(task, world));
}

function faultOf(body: unknown): string | undefined {
  if (!['ray-2', 'ray-flash-2'].includes(textMember(body, 'model'))) return 'Invalid model';
  const keyframes = member(body, 'keyframes');
  const frames = ['frame0', 'frame1'].map((name) => member(keyframes, name)).filter((one) => one !== undefined);
  if (textMember(body, 'prompt') === '' && frames.length === 0) return 'Prompt is required';
  if (!['5s', '9s'].includes(textMember(body, 'duration'))) return 'Invalid duration';
  if (!RESOLUTIONS.includes(textMember(body, 'resolution'))) return 'Invalid resolution';
  const ratio = member(body, 'aspect_ratio');
  if (ratio !== undefined && !RATIOS.includes(String(ratio))) return 'Invalid aspect_ratio';
  const isImage = (frame: unknown) =>
    textMember(frame, 'type') === 'image' && /^https?:\/\//.test(textMember(frame, 'url'));
  return frames.every(isImage) ? undefined : 'Invalid keyframes';
}

function status({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  return task === undefined ? failure(404, 'Generation not found') : json(200, generationOf(task, world));
}

function list(_request: SimulatedRequest, world: World): SimulatedAnswer {
  return json(200, { generations: world.tasks.list().map((task) => generationOf(task, world)) });
}

/** Takes a generation away, in whatever state it is. */
function remove({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task === undefined || task.troubles.has('vanished')) return failure(404, 'Generation not found');
  if (task.phase === 'queued' || task.phase === 'processing') world.tasks.advance(task.id, 'cancelled');
  world.tasks.forget(task.id);
  return { status: 204 };
}

function generationOf(task: SimulatedTask, world: World): object {
  const [video] = world.linksOf(task);
  return {
    id: task.id,
    generation_type: 'video',
    state: WORDS[task.phase],
    failure_reason: reasonOf(task),
    created_at: new Date(task.createdAtMs).toISOString(),
    assets: task.phase === 'succeeded' ? { video, image: null, progress_video: null } : null,
    model: task.model,
    request: { generation_type: 'video', model: task.model, prompt: task.prompt, duration: `${task.duration}s` },
  };
}

function reasonOf({ phase, troubles }: SimulatedTask): string | null {
  if (phase !== 'failed') return null;
  return troubles.has('content_refused_late') ? 'Output failed moderation' : 'The job could not be completed';
}

function failure(http: number, detail: string): SimulatedAnswer {
  return json(http, { detail });
}
