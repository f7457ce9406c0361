import { type ErrorRow, findErrorRow } from '../../canonical/error-row.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { toProviderError } from '../openai-compatible/errors.js';

/**
 * Reads an error answer by the vendor's table; what the table does not know means what it means everywhere. Never throws.
 * @param rules what the vendor's texts and statuses mean where no row says so.
 */
export function toTaskError(
  failure: UpstreamFailure,
  rows: readonly ErrorRow[],
  rules: ErrorRules = {},
): ProviderError {
  const error = toProviderError(failure, rules);
  const kind = findErrorRow(rows, failure.status, error.code)?.kind;
  if (kind === undefined || kind === error.kind) return error;
  const { message, status, code, param, retryAfterMs } = error;
  return new ProviderError({ kind, message, status, code, param, retryAfterMs });
}
