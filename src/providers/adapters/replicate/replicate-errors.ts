import type { ErrorRow } from '../../canonical/error-row.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import { type CodeOfText, withCodeOfText } from '../tasks/code-of-text.js';
import { errorRow } from '../tasks/error-rows.js';
import { toTaskError } from '../tasks/to-task-error.js';

/** Says of an input or an output that it was flagged. */
const FLAGGED = 'E005';
const TEXTS: readonly CodeOfText[] = [[/\(E005\)/, FLAGGED]];
/** Words of models that refuse, which have no codes. */
const REFUSED_TEXT = /nsfw|sensitive|content (?:policy|moderation|filter)|flagged|safety (?:check|filter|system)/i;

/** What Replicate answers, https://replicate.com/docs/reference/http. A code, where there is one, is at the end of the text. */
export const REPLICATE_ERRORS: readonly ErrorRow[] = [
  errorRow(400, '', 'invalid_request', 'a wrong request'),
  errorRow(401, '', 'credential', 'the token is missing or wrong'),
  errorRow(402, '', 'out_of_money', 'insufficient credit'),
  errorRow(403, '', 'credential', 'the token may not run this model'),
  errorRow(404, '', 'model_missing', 'no such model', { call: 'submit' }),
  errorRow(422, '', 'invalid_request', 'an input is wrong, or the version is not there'),
  errorRow(422, FLAGGED, 'content_refused', 'the input was flagged as sensitive'),
  errorRow(429, '', 'rate_limited', 'throttled'),
  errorRow(500, '', 'overloaded', 'internal error'),
  errorRow(502, '', 'overloaded', 'bad gateway'),
  errorRow(503, '', 'overloaded', 'unavailable'),
  errorRow(504, '', 'overloaded', 'gateway timeout'),
];

/** Reads an error answer. Never throws. */
export function toReplicateError(failure: UpstreamFailure): ProviderError {
  const error = toTaskError(withCodeOfText(failure, TEXTS), REPLICATE_ERRORS);
  const retryAfterMs = error.retryAfterMs ?? waitOf(error);
  if (retryAfterMs === error.retryAfterMs) return error;
  const { kind, code, message, status, param } = error;
  return new ProviderError({ kind, code, message, status, param, retryAfterMs });
}

/** Whether the reason of a failed prediction is a refusal of its content. */
export function isRefusal(reason: string): boolean {
  return codeInText(reason) === FLAGGED || REFUSED_TEXT.test(reason);
}

/** `... different inputs. (E005)` has the code E005. */
export function codeInText(text: string): string | undefined {
  return /\((E\d{3,5})\)\s*$/.exec(text)?.[1];
}

/** `Your rate limit resets in ~30s.`, where no header says it. */
function waitOf({ kind, message }: ProviderError): number | undefined {
  const seconds = kind === 'rate_limited' ? /resets in ~?(\d{1,5})s/.exec(message)?.[1] : undefined;
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
