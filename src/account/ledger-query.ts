import { invalidRequest } from '../common/hub-error.js';
import { decodeCursor, readPageLimit } from '../common/keyset-cursor.js';
import { readQuery } from '../common/read-query.js';
import { parseTimeRange, type TimeRange } from '../common/time-range.js';

/** The kinds of movement an account sees. (A loss is between the house and itself.) */
export const LEDGER_KINDS = ['topup', 'grant', 'redeem', 'adjust', 'refund', 'settle', 'late', 'expire'] as const;
/** One of {@link LEDGER_KINDS}. */
export type LedgerKind = (typeof LEDGER_KINDS)[number];

/** Entries of one page of JSON. */
export const LEDGER_PAGE = { standard: 50, max: 100 } as const;
/** Rows of one CSV answer. */
export const LEDGER_CSV_ROWS_MAX = 100_000;

const PARAMETERS = ['limit', 'after', 'kind', 'from', 'to', 'format'] as const;
const ENTRY_ID = /^\d{1,18}$/;

/** Which entries are meant. */
export interface LedgerFilter extends TimeRange {
  readonly kind: LedgerKind | undefined;
  /** Only entries older than this one. */
  readonly beforeId: string | undefined;
}

/** What `GET /api/user/ledger` was asked for. */
export interface LedgerQuery extends LedgerFilter {
  readonly format: 'json' | 'csv';
  /** Entries of a page, or rows of the CSV. */
  readonly limit: number;
}

/**
 * Reads the query of `GET /api/user/ledger`.
 *
 * @param accept the Accept header; decides where `format` is not given.
 * @throws HubError 400 naming the parameter.
 */
export function readLedgerQuery(query: unknown, accept: string | undefined): LedgerQuery {
  const given = readQuery(query, PARAMETERS);
  const format = readFormat(given.format, accept);
  const csvRows = { standard: LEDGER_CSV_ROWS_MAX, max: LEDGER_CSV_ROWS_MAX };
  return {
    format,
    limit: readPageLimit(given.limit, format === 'csv' ? csvRows : LEDGER_PAGE),
    beforeId: given.after === undefined ? undefined : decodeCursor(given.after, [ENTRY_ID])[0],
    kind: given.kind === undefined ? undefined : readKind(given.kind),
    ...parseTimeRange(given),
  };
}

function readFormat(format: string | undefined, accept: string | undefined): LedgerQuery['format'] {
  if (format === undefined) return /\btext\/csv\b/i.test(accept ?? '') ? 'csv' : 'json';
  if (format === 'json' || format === 'csv') return format;
  throw invalidRequest('"format" must be json or csv.', 'format');
}

function readKind(text: string): LedgerKind {
  const kind = LEDGER_KINDS.find((candidate) => candidate === text);
  if (kind === undefined) throw invalidRequest(`"kind" must be one of ${LEDGER_KINDS.join(', ')}.`, 'kind');
  return kind;
}
