import type { TaskAnswer } from '../../canonical/video.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { readTaskAnswer } from '../tasks/read-task-answer.js';
import { findBusinessError, toMinimaxError } from './minimax-errors.js';

/** The JSON object of an answer with a good status; what it says of itself is not looked at. @throws ProviderError else. */
export function readMinimaxAnswer(answer: TaskAnswer): WireObject {
  if (answer.status < 200 || answer.status > 299) throw toMinimaxError(answer);
  return readTaskAnswer(answer);
}

/** The same for an answer that must be well. @throws ProviderError also for what a success says in its `base_resp`. */
export function readSoundAnswer(answer: TaskAnswer): WireObject {
  const value = readMinimaxAnswer(answer);
  const error = findBusinessError(value);
  if (error !== undefined) throw error;
  return value;
}

/** An id as text, however it was written; undefined where there is none. */
export function idOf(value: unknown): string | undefined {
  if (isText(value)) return value;
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? String(value) : undefined;
}
