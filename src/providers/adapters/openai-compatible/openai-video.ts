import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskFailureKind, TaskRef, TaskState, VideoModel } from '../../canonical/video.js';
import type { VideoOperation } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError, toProviderError } from './errors.js';
import { toVideoBody } from './openai-video-body.js';
import { OPENAI_VIDEO_ERRORS } from './openai-video-errors.js';
import { invalid, parseAnswer } from './parse-answer.js';
import { findInBandError, readErrorBody } from './read-error-body.js';
import { isObject, isText, type WireObject } from './wire.js';

/** What differs between servers of OpenAI's video format. */
export interface OpenAiVideoDialect {
  /** Upstream name of the model for callers who name none. */
  readonly defaultModel: string;
  readonly modelOf: (upstreamModel: string) => VideoModel | undefined;
  /** What is assumed of a model that the operator declares as one for videos, although its name does not say so. */
  readonly genericModel?: VideoModel;
  readonly note?: string;
  readonly errorRules?: ErrorRules;
  readonly statusEveryMs?: VideoOperation['statusEveryMs'];
}

/** Of a refusal that is looked through. */
const REASON_CHARS_MAX = 500;

/** OpenAI's words, and those that servers of the same format were seen to use. */
const STATES: Readonly<Record<string, TaskState['state']>> = {
  queued: 'queued',
  pending: 'queued',
  submitted: 'queued',
  in_progress: 'processing',
  processing: 'processing',
  running: 'processing',
  completed: 'succeeded',
  succeeded: 'succeeded',
  success: 'succeeded',
  failed: 'failed',
  expired: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

/**
 * `POST /videos`, `GET /videos/{id}` and `GET /videos/{id}/content` in OpenAI's format (openai-node, src/resources/videos.ts).
 * There is no link: the file lies behind the channel's credential. `DELETE /videos/{id}` removes a finished video, so that
 * nothing can be called off.
 */
export function openAiVideo(dialect: OpenAiVideoDialect): VideoOperation {
  const { defaultModel, modelOf, genericModel, note, errorRules, statusEveryMs } = dialect;
  return {
    defaultModel,
    modelOf,
    genericModel,
    note,
    errors: OPENAI_VIDEO_ERRORS,
    toSubmit: (request, target) => {
      const isAudioUsual = (modelOf(target.upstreamModel) ?? genericModel)?.audioDefault ?? false;
      return { method: 'POST', path: '/videos', ...toVideoBody(request, target, isAudioUsual) };
    },
    fromSubmit: (answer) => ({ id: readId(readObject(answer, errorRules)) }),
    toStatus: (ref) => ({ method: 'GET', path: pathOf(ref) }),
    fromStatus: (answer) => {
      if (isGone(answer)) {
        return { state: 'failed', kind: 'expired', message: 'The upstream does not know the video any more.' };
      }
      return toState(readObject(answer, errorRules));
    },
    toContent: (ref) => ({ method: 'GET', path: `${pathOf(ref)}/content`, headers: { accept: '*/*' } }),
    statusEveryMs,
  };
}

function pathOf(ref: TaskRef): string {
  return `/videos/${encodeURIComponent(String(ref['id']))}`;
}

function readObject(answer: TaskAnswer, errors: ErrorRules | undefined): WireObject {
  if (answer.status < 200 || answer.status >= 300) throw toProviderError(answer, errors);
  const { value } = parseAnswer(answer.body);
  // A failed video has an error as well, which is its own.
  if (isText(value['id']) && isText(value['status'])) return value;
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, errors);
  return value;
}

function readId(value: WireObject): string {
  const id = value['id'];
  if (!isText(id)) throw invalid('The upstream took the video on without an id.');
  return id;
}

/** True for a 404 in OpenAI's envelope that is about the video; one about the path may be a proxy's and says nothing. */
function isGone(answer: TaskAnswer): boolean {
  if (answer.status !== 404 && answer.status !== 410) return false;
  const value = parseLoosely(answer.body);
  if (!isObject(value?.['error'])) return false;
  const { message = '', code = '' } = readErrorBody(value);
  return /\b(?:video|task|generation|job)s?\b.*\b(?:not (?:be )?found|not exist|expired|deleted)|^no such video/i.test(
    // Of a long text only the beginning: what is looked for stands there, and looking takes longer than a text is long.
    `${message.slice(0, REASON_CHARS_MAX)} ${code.slice(0, REASON_CHARS_MAX).replaceAll('_', ' ')}`,
  );
}

function parseLoosely(body: Uint8Array): WireObject | undefined {
  try {
    return parseAnswer(body).value;
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

function toState(value: WireObject): TaskState {
  const word = isText(value['status']) ? value['status'].toLowerCase() : '';
  // The file is asked for by the id; an answer without one is no video.
  if (word === '' || !isText(value['id'])) throw invalid('The upstream answer does not describe a video.');
  const state = STATES[word];
  switch (state) {
    case 'queued':
    case 'processing':
      return { state, progress: readProgress(value['progress']) };
    case 'succeeded':
      return { state, outputs: [{}], usage: { videoMs: readMs(value['seconds']) } };
    case 'failed':
      return toFailure(value, word);
    case 'cancelled':
      return { state };
    default:
      return stateOfUnknownWord(word, readErrorBody(value).message);
  }
}

/** Percent; some servers send text. */
function readProgress(value: unknown): number | undefined {
  const percent = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof percent === 'number' && percent >= 0 && percent <= 100 ? Math.floor(percent) : undefined;
}

/** `seconds` is text at OpenAI and a number at some servers. */
function readMs(value: unknown): number | undefined {
  const seconds = isText(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 && Number.isFinite(seconds)
    ? Math.round(seconds * 1000)
    : undefined;
}

function toFailure(value: WireObject, word: string): TaskState {
  const { code, type, message } = readErrorBody(value);
  const said = { code: code ?? type, message: message ?? 'The upstream gave no reason.' };
  return { state: 'failed', kind: word === 'expired' ? 'expired' : kindOf(said), ...said };
}

function kindOf({
  code = '',
  message,
}: {
  readonly code: string | undefined;
  readonly message: string;
}): TaskFailureKind {
  if (/moderation|content_policy|content_filter|safety|sensitive/i.test(code)) return 'content_refused';
  if (/moderation|content policy|safety system|sensitive content/i.test(message)) return 'content_refused';
  if (/^invalid_|invalid_request|bad_request/i.test(code)) return 'invalid_request';
  return /timeout|timed_out|expired/i.test(code) ? 'expired' : 'failed';
}
