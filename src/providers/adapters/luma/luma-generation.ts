import { isObject } from '../../../common/is-object.js';
import type { ErrorRow } from '../../canonical/error-row.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { MediaInput, TaskAnswer, TaskFailureKind, TaskOutput, TaskState } from '../../canonical/video.js';
import type { TaskApi, TaskOperation } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { errorRow } from '../tasks/error-rows.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { isNoSuchGeneration, LUMA_GONE, lumaPathOf, NO_REASON, readLumaAnswer, readLumaRef } from './luma-answer.js';

/** https://docs.agents.lumalabs.ai/guides/error-handling. Codes are the hub's, for what only a text tells. */
export const LUMA_ERRORS: readonly ErrorRow[] = [
  errorRow(400, 'insufficient_credits', 'out_of_money', 'its text says that the account has too few credits'),
  errorRow(400, 'content_moderated', 'content_refused', 'its text speaks of moderation'),
  errorRow(400, '', 'invalid_request', 'a parameter is wrong'),
  errorRow(401, '', 'credential', 'the key is wrong or missing'),
  errorRow(402, '', 'out_of_money', 'not enough credits'),
  errorRow(403, '', 'credential', 'the account is suspended, or its plan does not allow it'),
  errorRow(404, '', 'model_missing', 'there is no such thing; of a generation, that it is gone', { call: 'submit' }),
  errorRow(413, '', 'invalid_request', 'a picture is too large'),
  errorRow(422, '', 'invalid_request', 'a picture is broken, or parameters do not go together'),
  errorRow(429, '', 'rate_limited', 'too many requests, or generations at a time'),
  errorRow(502, '', 'overloaded', 'a service behind it is away', { isDefinite: false }),
  errorRow(503, '', 'overloaded', 'pictures cannot be taken in', { isDefinite: false }),
];

/** `failure_code`s that find fault with the request; others but moderation are the service's own. */
const FAULTS: ReadonlySet<string> = new Set([
  'image_too_large',
  'unsupported_format',
  'corrupt_input',
  'invalid_request',
]);

/**
 * What generations of both kinds have in common: one address makes them and tells of them. They cannot be called off.
 * @param type as Luma calls what is made.
 */
export function generationsOf(type: 'image' | 'video'): TaskApi & Pick<TaskOperation<unknown>, 'fromSubmit'> {
  return {
    errors: LUMA_ERRORS,
    linksLastHours: 1,
    fromSubmit: (answer) => readLumaRef(answer, LUMA_ERRORS),
    toStatus: (ref) => ({ method: 'GET', path: lumaPathOf(ref) }),
    fromStatus: (answer) => fromStatus(answer, type),
  };
}

/** A picture that a generation begins from or goes by. */
export function toReference(input: MediaInput): object {
  return input.kind === 'url' ? { url: input.url } : { data: input.base64, media_type: input.contentType };
}

function fromStatus(answer: TaskAnswer, type: string): TaskState {
  if (isNoSuchGeneration(answer)) return LUMA_GONE;
  const generation = readLumaAnswer(answer, LUMA_ERRORS);
  const word = generation['state'];
  if (!isText(word)) throw unreadable('Luma says nothing of the state of the generation.');
  switch (word) {
    case 'queued':
      return { state: 'queued' };
    case 'processing':
      return { state: 'processing' };
    case 'completed':
      return { state: 'succeeded', outputs: [readOutput(generation['output'], type)], usage: {} };
    case 'failed':
      return readFailure(generation);
    default:
      return stateOfUnknownWord(word);
  }
}

function readOutput(output: unknown, wanted: string): TaskOutput {
  const list: readonly unknown[] = Array.isArray(output) ? output : [];
  const url = list.filter(isObject).find(({ type }) => type === wanted)?.['url'];
  if (!isText(url)) throw unreadable(`Luma calls the generation completed and gives no ${wanted}.`);
  return { url };
}

function readFailure({ failure_code: code, failure_reason: reason }: WireObject): TaskState {
  const message = isText(reason) ? reason : NO_REASON;
  return isText(code)
    ? { state: 'failed', kind: kindOf(code), code, message }
    : { state: 'failed', kind: 'failed', message };
}

function kindOf(code: string): TaskFailureKind {
  if (code === 'content_moderated') return 'content_refused';
  return FAULTS.has(code) ? 'invalid_request' : 'failed';
}
