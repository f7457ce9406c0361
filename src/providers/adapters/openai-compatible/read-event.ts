import type { AnswerEvent } from '../../canonical/answer-events.js';
import type { SseEvent } from '../../canonical/chat.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { findInBandError, readErrorBody } from './read-error-body.js';
import { isObject, type WireObject } from './wire.js';

const NOTHING: readonly AnswerEvent[] = [];
const DONE: readonly AnswerEvent[] = [{ type: 'done' }];
const MALFORMED: readonly AnswerEvent[] = [{ type: 'malformed' }];

/**
 * Reads what all event streams of OpenAI's format have in common.
 * @returns the object in the event, or what the event means where it is none: `[DONE]`, an error, nothing that can be read.
 */
export function readEvent(
  { name, data }: SseEvent,
  rules: ErrorRules | undefined,
): WireObject | readonly AnswerEvent[] {
  if (data === '') return NOTHING;
  if (data.trimStart().startsWith('[DONE]')) return DONE;
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return name === 'error' ? [{ type: 'error', error: toInBandError(readErrorBody(data), rules) }] : MALFORMED;
  }
  if (!isObject(value)) return MALFORMED;
  const isError = name === 'error' || value['type'] === 'error';
  const error = isError ? readErrorBody(value) : findInBandError(value);
  return error === undefined ? value : [{ type: 'error', error: toInBandError(error, rules) }];
}
