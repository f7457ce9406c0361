import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState, VideoModel, VideoRequest } from '../../canonical/video.js';
import type { Target } from '../../provider.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { needsText } from '../tasks/video-rules.js';
import { stateOfFile } from './gemini-file.js';
import { goneAtGoogle, NO_REASON, NOTHING_MADE, readGoogleAnswer } from './google-video-errors.js';

/** Video by the Interactions API: https://ai.google.dev/gemini-api/docs/omni */
const OMNI: VideoModel = {
  durations: { min: 3, max: 10 },
  durationDefault: 8,
  resolutions: ['360p', '720p', '1080p', '4k'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16'],
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['bytes'],
  audio: 'always',
  audioDefault: true,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  // Not documented; far more than the examples have.
  promptCharsMax: 10_000,
  options: [],
  refusal: needsText,
};
const REFUSAL_CODES: ReadonlySet<unknown> = new Set(['SAFETY', 'PROHIBITED_CONTENT', 'BLOCKLIST']);

/** Models of the Interactions API that make videos. */
export const OMNI_MODELS: Readonly<Record<string, VideoModel>> = {
  'gemini-omni-1.1-flash': OMNI,
  'gemini-omni-1.2-flash': { ...OMNI, durations: { min: 3, max: 15 } },
};

/** The call that begins an interaction. */
export function toOmniSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, image, aspectRatio, resolution, durationSeconds } = request;
  const picture =
    image?.kind === 'bytes' ? [{ type: 'image', data: image.base64, mime_type: image.contentType }] : undefined;
  const body = {
    model: upstreamModel,
    input: picture === undefined ? prompt : [...picture, { type: 'text', text: prompt }],
    // Otherwise the answer comes only with the video.
    background: true,
    response_format: {
      type: 'video',
      delivery: 'uri',
      aspect_ratio: aspectRatio,
      resolution,
      // A text: a number is refused.
      duration: `${durationSeconds}s`,
    },
  };
  return { method: 'POST', path: '/interactions', body: JSON.stringify(body) };
}

/** The reference of a new interaction. */
export function fromOmniSubmit(answer: TaskAnswer): TaskRef {
  const { id } = readGoogleAnswer(answer);
  if (!isText(id)) throw unreadable('Google began the interaction and did not name it.');
  return { dialect: 'omni', id };
}

/** Where an interaction is found. */
export function omniPathOf({ id }: TaskRef): string {
  return `/interactions/${encodeURIComponent(String(id))}`;
}

/** What an interaction says of itself. */
export function fromOmniStatus(answer: TaskAnswer, ref: TaskRef): TaskState {
  const gone = goneAtGoogle(answer);
  if (gone !== undefined) return gone;
  const interaction = readGoogleAnswer(answer);
  const word = interaction['status'];
  if (!isText(word)) throw unreadable('Google says nothing of the state of the interaction.');
  switch (word) {
    case 'queued':
      return { state: 'queued' };
    case 'in_progress':
      return { state: 'processing' };
    case 'completed':
      return stateOfCompleted(interaction, ref);
    case 'cancelled':
      return { state: 'cancelled' };
    case 'failed':
    case 'incomplete':
    case 'requires_action':
    case 'budget_exceeded':
      return failureOf(interaction, word);
    default:
      return stateOfUnknownWord(word);
  }
}

/** One that has made nothing, and counts no tokens of a video, was refused. */
function stateOfCompleted(interaction: WireObject, ref: TaskRef): TaskState {
  const uri = partsOf(interaction)
    .filter(({ type }) => type === 'video')
    .map((part) => part['uri'])
    .find(isText);
  if (uri !== undefined) return stateOfFile(uri, ref);
  if (videoTokensOf(interaction) === 0) return NOTHING_MADE;
  throw unreadable('Google calls the interaction completed and gives no video.');
}

function partsOf({ steps }: WireObject): readonly WireObject[] {
  return listOf(steps)
    .filter(({ type }) => type === 'model_output')
    .flatMap(({ content }) => listOf(content));
}

function videoTokensOf({ usage }: WireObject): number {
  const counted = isObject(usage) ? listOf(usage['output_tokens_by_modality']) : [];
  return counted
    .filter(({ modality }) => isText(modality) && modality.toLowerCase() === 'video')
    .reduce((sum, { tokens }) => sum + (typeof tokens === 'number' ? tokens : 0), 0);
}

function listOf(value: unknown): readonly WireObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function failureOf({ error }: WireObject, word: string): TaskState {
  const { code, message } = isObject(error) ? error : {};
  const kind = REFUSAL_CODES.has(code) ? 'content_refused' : 'failed';
  return { state: 'failed', kind, code: isText(code) ? code : word, message: isText(message) ? message : NO_REASON };
}
