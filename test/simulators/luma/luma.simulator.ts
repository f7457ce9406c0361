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

const RATIOS = ['9:16', '3:4', '1:1', '4:3', '16:9', '21:9'];
const PICTURE_RATIOS = ['3:1', '2:1', '16:9', '3:2', '1:1', '2:3', '9:16', '1:2', '1:3'];
const VIDEO_MODEL = 'ray-3.2';
const RESOLUTIONS = ['360p', '540p', '720p', '1080p'];
const PROMPT_CHARS_MAX = 6_000;
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'queued',
  processing: 'processing',
  unknown: 'polishing',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'failed',
};

const REFUSED: Readonly<Record<Refusal, SimulatedAnswer>> = {
  auth_failure: failure(401, 'Invalid API key'),
  expired_token: failure(401, 'API key has expired'),
  bad_parameter: failure(400, 'Invalid value for video.duration'),
  content_refused: failure(400, 'Prompt was rejected by content moderation'),
  out_of_balance: failure(402, 'Insufficient credits'),
  rate_limited: { ...failure(429, 'Rate limit exceeded'), headers: { 'retry-after': '2' } },
  concurrency: failure(429, 'Too many concurrent generations'),
  server_error: failure(503, 'Service unavailable'),
};

/** Luma Agents, section 11.1 of the wire facts; base URL `<url>/v1`. */
export const SIMULATED: SimulatedVendor = {
  id: 'luma',
  credential: 'luma-api-of-the-simulator',
  routes: [
    { method: 'POST', path: '/v1/generations', call: 'create', handle: create },
    { method: 'GET', path: '/v1/generations/:id', call: 'status', handle: status },
  ],
  authorize: ({ headers }, { credential }) =>
    headers['authorization'] === `Bearer ${credential}` ? undefined : REFUSED.auth_failure,
  refuse: (refusal) => REFUSED[refusal],
  notFound: () => failure(404, 'Not Found'),
};

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const isPicture = textMember(body, 'model') !== VIDEO_MODEL;
  const fault = isPicture ? pictureFault(body) : faultOf(body);
  if (fault !== undefined) return failure(400, fault);
  const task = world.tasks.create(
    {
      id: `3f0c7a52-91de-4c7e-8a55-${world.nextNumber().toString(16).padStart(12, '0')}`,
      family: isPicture ? 'image' : 'video',
      isPicture,
      model: textMember(body, 'model'),
      prompt: textMember(body, 'prompt'),
      duration: Number.parseInt(textMember(member(body, 'video'), 'duration'), 10),
    },
    raw.toString('utf8'),
  );
  return json(201, generationOf(task, world));
}

function faultOf(body: unknown): string | undefined {
  const video = member(body, 'video');
  const prompt = textMember(body, 'prompt');
  if (textMember(body, 'type') !== 'video') return 'The type does not fit the model';
  if (prompt === '' || prompt.length > PROMPT_CHARS_MAX) return 'Invalid value for prompt';
  const ratio = member(body, 'aspect_ratio');
  if (ratio !== undefined && !RATIOS.includes(String(ratio))) return 'Invalid value for aspect_ratio';
  if (!RESOLUTIONS.includes(textMember(video, 'resolution'))) return 'Invalid value for video.resolution';
  // A text: a number is refused.
  const duration = member(video, 'duration');
  if (duration !== '5s' && duration !== '10s') return 'Invalid value for video.duration';
  const frames = ['start_frame', 'end_frame'].map((name) => member(video, name)).filter((one) => one !== undefined);
  if (duration === '10s' && frames.length > 0) return 'Frames need a duration of 5s';
  if (!frames.every(isReference)) return 'Invalid image reference';
  const loop = member(video, 'loop');
  return loop === undefined || typeof loop === 'boolean' ? undefined : 'Invalid value for video.loop';
}

/** A generation of a picture, which is of 2k whatever its shape. */
function pictureFault(body: unknown): string | undefined {
  const prompt = textMember(body, 'prompt');
  if (!['uni-1', 'uni-1-max'].includes(textMember(body, 'model'))) return 'Unknown model';
  if (textMember(body, 'type') !== 'image') return 'The type does not fit the model';
  if (prompt === '' || prompt.length > PROMPT_CHARS_MAX) return 'Invalid value for prompt';
  if (member(body, 'video') !== undefined) return 'Unexpected field video';
  const ratio = member(body, 'aspect_ratio');
  if (ratio !== undefined && !PICTURE_RATIOS.includes(String(ratio))) return 'Invalid value for aspect_ratio';
  const references = member(body, 'image_ref') ?? [];
  if (!Array.isArray(references) || references.length > 9 || !references.every(isReference))
    return 'Invalid image reference';
  if (!['auto', 'manga'].includes(String(member(body, 'style') ?? 'auto'))) return 'Invalid value for style';
  if (!['png', 'jpeg'].includes(String(member(body, 'output_format') ?? 'png')))
    return 'Invalid value for output_format';
  return typeof (member(body, 'web_search') ?? false) === 'boolean' ? undefined : 'Invalid value for web_search';
}

function isReference(reference: unknown): boolean {
  const data = textMember(reference, 'data');
  return data === ''
    ? /^https?:\/\//.test(textMember(reference, 'url'))
    : !data.startsWith('data:') && /^image\//.test(textMember(reference, 'media_type'));
}

function status({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  return task === undefined ? failure(404, 'generation not found') : json(200, generationOf(task, world));
}

function generationOf(task: SimulatedTask, world: World): object {
  return {
    id: task.id,
    type: task.family,
    state: WORDS[task.phase],
    model: task.model,
    created_at: new Date(task.createdAtMs).toISOString(),
    output: world.linksOf(task).map((url) => ({ type: task.family, url })),
    ...reasonOf(task),
  };
}

function reasonOf({ phase, troubles }: SimulatedTask): object {
  if (phase !== 'failed') return { failure_reason: null, failure_code: null };
  return troubles.has('content_refused_late')
    ? { failure_reason: 'The prompt was moderated.', failure_code: 'content_moderated' }
    : { failure_reason: 'The model failed.', failure_code: 'generation_failed' };
}

function failure(http: number, detail: string): SimulatedAnswer {
  return json(http, { detail });
}
