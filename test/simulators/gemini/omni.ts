import {
  json,
  member,
  type Route,
  type SimulatedAnswer,
  type SimulatedRequest,
  textMember,
  type World,
} from '../simulated-vendor.js';
import { isOver, type Phase, type SimulatedTask } from '../task-table.js';
import { fileUriOf } from './gemini-files.js';
import { googleFailure } from './google-refusals.js';

const SECONDS_MAX: Readonly<Record<string, number>> = { 'gemini-omni-1.1-flash': 10, 'gemini-omni-1.2-flash': 15 };
const RESOLUTIONS = ['360p', '720p', '1080p', '4k'];
const RATIOS = ['16:9', '9:16'];
const WORDS: Readonly<Record<Phase, string>> = {
  queued: 'queued',
  processing: 'in_progress',
  unknown: 'contemplating',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Gemini Omni on the Interactions API, section 9.1 of the wire facts. */
export const OMNI_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1beta/interactions', call: 'create', handle: create },
  { method: 'GET', path: '/v1beta/interactions/:id', call: 'status', handle: status },
  { method: 'POST', path: '/v1beta/interactions/:id/cancel', call: 'cancel', handle: cancel },
];

function create({ json: body, raw }: SimulatedRequest, world: World): SimulatedAnswer {
  const fault = faultOf(body);
  if (fault !== undefined) return googleFailure(400, fault);
  const task = world.tasks.create(
    {
      id: `v1_${world.nextNumber().toString(16).padStart(12, '0')}`,
      family: 'omni',
      model: textMember(body, 'model'),
      prompt: promptOf(member(body, 'input')),
      duration: Number.parseInt(textMember(member(body, 'response_format'), 'duration'), 10),
    },
    raw.toString('utf8'),
  );
  return json(200, interactionOf(task));
}

function faultOf(body: unknown): string | undefined {
  const format = member(body, 'response_format');
  const max = SECONDS_MAX[textMember(body, 'model')];
  const input = member(body, 'input');
  if (max === undefined) return 'Unknown model.';
  // Without it the call would take as long as the video.
  if (member(body, 'background') !== true) return 'The simulator wants background: true.';
  if (promptOf(input) === '') return 'input must have a text.';
  if (Array.isArray(input) && !input.every(isPart)) return 'input has a part that cannot be read.';
  if (textMember(format, 'type') !== 'video' || textMember(format, 'delivery') !== 'uri') return 'Bad response_format.';
  if (!RESOLUTIONS.includes(textMember(format, 'resolution'))) return 'Bad response_format.resolution.';
  const ratio = member(format, 'aspect_ratio');
  if (ratio !== undefined && !RATIOS.includes(String(ratio))) return 'Bad response_format.aspect_ratio.';
  const [, seconds] = /^(\d+)s$/.exec(textMember(format, 'duration')) ?? [];
  const isFine = seconds !== undefined && Number(seconds) >= 3 && Number(seconds) <= max;
  return isFine ? undefined : 'response_format.duration must be a duration such as "8s".';
}

function promptOf(input: unknown): string {
  if (typeof input === 'string') return input;
  return Array.isArray(input) ? input.map((part) => textMember(part, 'text')).join('') : '';
}

function isPart(part: unknown): boolean {
  if (textMember(part, 'type') === 'text') return textMember(part, 'text') !== '';
  const data = textMember(part, 'data');
  return (
    textMember(part, 'type') === 'image' &&
    data !== '' &&
    !data.startsWith('data:') &&
    textMember(part, 'mime_type') !== ''
  );
}

function status({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.look(params['id'] ?? '');
  return task?.family === 'omni' ? json(200, interactionOf(task)) : absent();
}

function cancel({ params }: SimulatedRequest, world: World): SimulatedAnswer {
  const task = world.tasks.get(params['id'] ?? '');
  if (task?.family !== 'omni') return absent();
  if (isOver(task.phase)) return googleFailure(400, 'The interaction is not in progress.', [], 'FAILED_PRECONDITION');
  return json(200, interactionOf(world.tasks.advance(task.id, 'cancelled')));
}

/** An unknown id is a bad request, not a 404. */
function absent(): SimulatedAnswer {
  return googleFailure(400, 'Invalid interaction name.');
}

function interactionOf(task: SimulatedTask): object {
  const { id, model, phase, troubles } = task;
  // A refusal is a success that has made nothing.
  const isRefused = phase === 'failed' && troubles.has('content_refused_late');
  const isMade = phase === 'succeeded';
  const hasFile = isMade && !troubles.has('success_without_url');
  return {
    id,
    object: 'interaction',
    model,
    status: isRefused ? 'completed' : WORDS[phase],
    ...(hasFile && {
      steps: [{ type: 'model_output', content: [{ type: 'video', uri: fileUriOf(task), mime_type: 'video/mp4' }] }],
    }),
    ...(isMade && { usage: { output_tokens_by_modality: [{ modality: 'video', tokens: task.duration * 5_792 }] } }),
    ...(phase === 'failed' && !isRefused && { error: { code: 'internal', message: 'The model failed.' } }),
  };
}
