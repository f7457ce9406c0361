import { ProviderError } from '../../canonical/provider-error.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState } from '../../canonical/video.js';
import type { TaskApi } from '../../provider.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { readTaskAnswer, unreadable } from '../tasks/read-task-answer.js';
import { textOf404 } from '../tasks/text-of-404.js';
import { FAL_ERRORS, toFalError } from './fal-errors.js';
import { falFailure, falFailureOf } from './fal-failure.js';
import { isFalEndpoint } from './fal-models.js';
import { isFalWebhook, readFalWebhook } from './fal-webhook.js';

const MS_PER_SECOND = 1_000;
/** Of the addresses that the queue names: owner and application, without the rest of the endpoint, perhaps behind a name space. */
const REQUEST_PATH = /^\/((?:[a-z0-9][\w.-]*\/){1,2}[a-z0-9][\w.-]*)\/requests\/[^/]+(?:\/status)?$/i;
const IN_PROGRESS_TEXT = /still in progress|not (?:yet )?(?:completed|ready|finished)/i;

/** The call that puts a request into the queue. @throws ProviderError `model_missing` for a name that is no endpoint. */
export function toFalSubmit(endpoint: string, input: object, callbackUrl: string | undefined): TaskCall {
  if (!isFalEndpoint(endpoint)) {
    const message = `"${endpoint}" is no endpoint of fal: owner/application, and perhaps more.`;
    throw new ProviderError({ kind: 'model_missing', message });
  }
  const query = callbackUrl === undefined ? '' : `?fal_webhook=${encodeURIComponent(callbackUrl)}`;
  return { method: 'POST', path: `/${endpoint}${query}`, body: JSON.stringify(input) };
}

/**
 * The reference of a request. Questions after it go to owner and application only, which the queue tells by its addresses; nothing of
 * them but that is used, so that the key goes nowhere else.
 */
export function fromFalSubmit(answer: TaskAnswer, endpoint: string): TaskRef {
  const value = readSound(answer);
  const id = value['request_id'];
  if (!isText(id)) throw unreadable('fal took the request on without naming its id.');
  const told = [value['status_url'], value['response_url']].map(appOf).find((app) => app !== undefined);
  return { app: told ?? endpoint.split('/').slice(0, 2).join('/'), id };
}

function appOf(url: unknown): string | undefined {
  if (!isText(url) || !URL.canParse(url)) return undefined;
  return REQUEST_PATH.exec(new URL(url).pathname)?.[1];
}

/** Asks how far a request is and, once it is over, for what came of it. */
function toFalStatus(ref: TaskRef): TaskCall {
  const path = requestPath(ref);
  return { method: 'GET', path: ref['isOver'] === true ? path : `${path}/status` };
}

/** Takes a request out of the queue, or asks its runner to stop, which is up to the model. */
function toFalCancel(ref: TaskRef): TaskCall {
  return { method: 'PUT', path: `${requestPath(ref)}/cancel` };
}

/** @throws ProviderError when it is too late. */
function fromFalCancel(answer: TaskAnswer): void {
  if (answer.status < 200 || answer.status > 299) throw toFalError(answer);
}

/** What is the same of everything that is made by the queue. */
export const FAL_TASKS: Pick<TaskApi, 'errors' | 'toStatus' | 'cancel' | 'callback'> = {
  errors: FAL_ERRORS,
  toStatus: toFalStatus,
  cancel: { states: ['queued', 'processing'], toCall: toFalCancel, fromAnswer: fromFalCancel },
  callback: { isGenuine: isFalWebhook, read: readFalWebhook, idOf: (ref) => String(ref['id']) },
};

/** @throws Error for a reference that this adapter did not make. */
function requestPath({ app, id }: TaskRef): string {
  if (typeof app !== 'string' || typeof id !== 'string' || !isFalEndpoint(app))
    throw new Error('This is no reference of a request at fal.');
  return `/${app}/requests/${encodeURIComponent(id)}`;
}

/**
 * What the answer to {@link toFalStatus} says.
 * @param stateOfOutput reads the output of a model; throws ProviderError `invalid_response` where it has nothing to fetch.
 */
export function fromFalStatus(
  answer: TaskAnswer,
  ref: TaskRef,
  stateOfOutput: (output: WireObject) => TaskState,
): TaskState {
  if (ref['isOver'] !== true) return stateOfRequest(answer, ref);
  if (answer.status >= 200 && answer.status <= 299) return stateOfOutput(readTaskAnswer(answer));
  const error = toFalError(answer);
  if (answer.status === 400 && IN_PROGRESS_TEXT.test(error.message)) return { state: 'processing' };
  const failure = falFailureOf(answer, bodyOf(answer));
  if (failure === undefined) throw error;
  return failure;
}

function stateOfRequest(answer: TaskAnswer, ref: TaskRef): TaskState {
  const gone = textOf404(answer, 'detail');
  if (gone !== undefined) return falFailure(undefined, gone, answer.status);
  const value = readSound(answer);
  const status = value['status'];
  switch (status) {
    case 'IN_QUEUE':
      return { state: 'queued' };
    case 'IN_PROGRESS':
      return { state: 'processing' };
    case 'COMPLETED': {
      const { error, error_type: type } = value;
      // No success yet: what the model made of it is told by the result alone.
      if (!isText(error) || !isText(type)) return { state: 'follow', ref: { ...ref, isOver: true } };
      return type === 'client_cancelled' ? { state: 'cancelled' } : falFailure(type, error, 500);
    }
  }
  if (!isText(status)) throw unreadable('fal told of a request without its status.');
  return stateOfUnknownWord(status);
}

/** The JSON object of a success. @throws ProviderError for anything else. */
function readSound(answer: TaskAnswer): WireObject {
  if (answer.status < 200 || answer.status > 299) throw toFalError(answer);
  return readTaskAnswer(answer);
}

/** The body of an error answer; undefined where it is no JSON object. */
function bodyOf({ body }: TaskAnswer): WireObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    // What is no JSON has no types, and its text is read elsewhere.
    return undefined;
  }
}

/** The files of an output under one of these names: an object, or a list of them. */
export function falFiles(output: WireObject, single: string, several: string): readonly WireObject[] {
  const list: unknown = output[several] ?? (output[single] === undefined ? [] : [output[single]]);
  return Array.isArray(list) ? list.map((file: unknown) => (isObject(file) ? file : {})) : [];
}

/** Where a file is. @throws ProviderError `invalid_response` when that is no address. */
export function falUrlOf(file: WireObject): string {
  const { url } = file;
  if (!isText(url) || !URL.canParse(url)) throw unreadable('fal named a file without an address of it.');
  return url;
}

/** The length of all videos together, where each tells its own. */
export function falVideoMs(files: readonly WireObject[]): number | undefined {
  const lengths = files.map(({ duration }) => duration);
  const isTold = lengths.every((length) => typeof length === 'number' && Number.isFinite(length) && length > 0);
  return isTold
    ? Math.round(lengths.reduce<number>((sum, length) => sum + Number(length), 0) * MS_PER_SECOND)
    : undefined;
}
