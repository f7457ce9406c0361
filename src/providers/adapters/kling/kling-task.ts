import { isObject } from '../../../common/is-object.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskState } from '../../canonical/video.js';
import { unreadable } from '../tasks/read-task-answer.js';

/** A task as both dialects tell of it, each under names of its own. */
export interface KlingTask {
  readonly word: unknown;
  /** Why it failed. */
  readonly reason: unknown;
}

/** What a task has made. */
export type KlingResult = Pick<Extract<TaskState, { state: 'succeeded' }>, 'outputs' | 'usage'>;

/** By these words Kling says that a review refused what a task made; it has no code for it. */
const REFUSED_TEXT =
  /risk control|content (?:review|safety|audit|polic|violat|moderat)|(?:inappropriate|prohibited|illegal|unsafe) content|sensitive|security|policy|violat|moderat|审核|敏感|违规|风控/i;

/**
 * The state of a task.
 * @param readResult of a success; may throw ProviderError.
 * @throws ProviderError `invalid_response` when it has none.
 */
export function toKlingState({ word, reason }: KlingTask, readResult: () => KlingResult): TaskState {
  if (typeof word !== 'string') throw unreadable('Kling says nothing of the state of the task.');
  const text = typeof reason === 'string' ? reason : '';
  switch (word) {
    case 'submitted':
      return { state: 'queued' };
    case 'processing':
      return { state: 'processing' };
    case 'succeed':
    case 'succeeded':
      return { state: 'succeeded', ...readResult() };
    case 'failed':
      return {
        state: 'failed',
        kind: REFUSED_TEXT.test(text) ? 'content_refused' : 'failed',
        message: text === '' ? 'Kling gives no reason.' : text,
      };
    default:
      return stateOfUnknownWord(word, text);
  }
}

/** What a task is that Kling does not know any more. */
export const GONE: TaskState = { state: 'failed', kind: 'expired', message: 'Kling does not know the task any more.' };

/** An id as text, whether it came as one or as a number; undefined when it is neither. */
export function readKlingId(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && /^\w[\w-]{0,127}$/.test(text) ? text : undefined;
}

/** Videos in a list of objects with `url` and `duration`. @throws ProviderError `invalid_response` when there is none. */
export function readVideos(value: unknown): KlingResult {
  const videos = Array.isArray(value) ? value.filter(isObject).filter(isVideo) : [];
  if (videos.length === 0) throw unreadable('Kling calls the task a success and gives no video.');
  const outputs = videos.map(({ url }) => {
    if (typeof url !== 'string' || !URL.canParse(url))
      throw unreadable('Kling calls the task a success and gives no address of its video.');
    return { url };
  });
  const lengths = videos.map(({ duration }) => readSeconds(duration));
  const isWhole = lengths.every((length) => length !== undefined);
  // Without the length of one the length of all is not known.
  return { outputs, usage: isWhole ? { videoMs: lengths.reduce((sum, length) => sum + length, 0) } : {} };
}

/** The new dialect gives all results one list and says of each what it is. */
function isVideo({ type }: Readonly<Record<string, unknown>>): boolean {
  return type === undefined || type === 'video';
}

/** `"5.1"` as 5100 ms. */
function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,6}(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && seconds > 0 ? Math.round(seconds * 1000) : undefined;
}
