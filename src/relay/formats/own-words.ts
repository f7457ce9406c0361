import { HubError } from '../../common/hub-error.js';
import type { RequestWording } from './chat-format.js';

/** An error that names the field as the caller does, in its `param` and where its text quotes it. */
export function inOwnWords(error: HubError, wording: RequestWording): HubError {
  const { param } = error;
  if (param === undefined) return error;
  const own = wording.toOwn(param);
  if (own === param) return error;
  const { status, code, type, retryAfterSeconds, shouldRetry, headers, detail, cause } = error;
  const message = error.message.replaceAll(`"${param}"`, `"${own}"`);
  return new HubError({
    status,
    code,
    type,
    message,
    param: own,
    retryAfterSeconds,
    shouldRetry,
    headers,
    detail,
    cause,
  });
}

/** The same of anything that was thrown; what is not for the caller stays as it is. */
export function errorInOwnWords(thrown: unknown, wording: RequestWording): unknown {
  return thrown instanceof HubError ? inOwnWords(thrown, wording) : thrown;
}

/** Names of what was left out, by the format itself and by the upstream's adapter, each once, in the caller's words. */
export function droppedInOwnWords(names: readonly string[], { dropped, toOwn }: RequestWording): readonly string[] {
  return [...new Set([...dropped, ...names.map((name) => toOwn(name))])];
}
