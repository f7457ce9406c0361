import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderErrorKind } from '../../canonical/provider-error.js';

/** A line of an error table; whether to ask again follows from its kind unless `more` says otherwise. */
export function errorRow(
  http: number,
  code: string,
  kind: ProviderErrorKind,
  note: string,
  more: Partial<ErrorRow> = {},
): ErrorRow {
  return { http, code, kind, note, isRetryable: kind === 'rate_limited' || kind === 'overloaded', ...more };
}
