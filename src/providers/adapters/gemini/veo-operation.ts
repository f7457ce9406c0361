import type { TaskAnswer, TaskState } from '../../canonical/video.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { goneAtGoogle, NOTHING_MADE, readGoogleAnswer } from './google-video-errors.js';
import { rpcFailure } from './rpc-failure.js';

/** The name of a long-running operation. @throws ProviderError when the answer has none, or is a refusal. */
export function readOperationName(answer: TaskAnswer): string {
  const { name } = readGoogleAnswer(answer);
  if (!isText(name)) throw unreadable('Google began the operation and did not name it.');
  return name;
}

/**
 * What a long-running operation says of itself: `done` is not there until the end, and then comes with `error` or `response`.
 * @param made what the response of one that ended well means; undefined when there is no video in it.
 */
export function fromOperation(answer: TaskAnswer, made: (response: WireObject) => TaskState | undefined): TaskState {
  const gone = goneAtGoogle(answer);
  if (gone !== undefined) return gone;
  const operation = readGoogleAnswer(answer);
  if (!isText(operation['name'])) throw unreadable('Google answered with something that is no operation.');
  if (operation['done'] !== true) return { state: 'processing' };
  const { error, response } = operation;
  if (isObject(error)) return rpcFailure(error);
  if (!isObject(response)) throw unreadable('Google calls the operation done and gives no response.');
  return made(response) ?? filtered(response);
}

/** The member that counts lies in the response on Vertex AI, and one deeper on the Gemini API. */
function filtered(response: WireObject): TaskState {
  const { generateVideoResponse: inner } = response;
  const { raiMediaFilteredCount: count, raiMediaFilteredReasons: reasons } = isObject(inner) ? inner : response;
  if (typeof count !== 'number' || count === 0) throw unreadable('Google calls the operation done and gives no video.');
  const texts = Array.isArray(reasons) ? reasons.filter(isText) : [];
  return { ...NOTHING_MADE, ...(texts.length > 0 && { message: texts.join(' ') }) };
}
