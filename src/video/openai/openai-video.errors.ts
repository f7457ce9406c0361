import { HubError } from '../../common/hub-error.js';

/** What the engine's fields are called here. */
const NAMES: Readonly<Record<string, string>> = {
  duration: 'seconds',
  resolution: 'size',
  aspectRatio: 'size',
  image: 'input_reference',
  jobId: 'video_id',
};

/** 404: there is no such video, or it is another account's: the same words for both. */
export function videoNotFound(): HubError {
  return new HubError({
    status: 404,
    code: 'video_not_found',
    message: 'There is no video with this id.',
    param: 'video_id',
    shouldRetry: false,
  });
}

/** A refusal of the engine in the words of OpenAI's API: a caller that sent `seconds` is not told of a `duration`. */
export function inOpenAiWords(error: unknown): unknown {
  const param = error instanceof HubError ? error.param : undefined;
  if (!(error instanceof HubError) || param === undefined || !Object.hasOwn(NAMES, param)) return error;
  const name = NAMES[param] ?? param;
  return new HubError({
    status: error.status,
    code: error.code,
    type: error.type,
    message: error.message.replaceAll(`"${param}"`, `"${name}"`),
    param: name,
    retryAfterSeconds: error.retryAfterSeconds,
    shouldRetry: error.shouldRetry,
    headers: error.headers,
    detail: error.detail,
    cause: error,
  });
}
