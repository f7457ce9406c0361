import type { Readable } from 'node:stream';
import { formatCredits } from '../common/credits.js';
import { type CsvCell, openCsv } from '../common/csv.js';
import { encodeCursor } from '../common/keyset-cursor.js';
import { NANO_PER_QUOTA_UNIT, type NanoCredits } from '../common/money.js';
import type { LedgerEntry } from './ledger.service.js';

/** Columns of the CSV, named like the fields of the JSON. */
const COLUMNS = ['id', 'kind', 'amount', 'quota', 'ref', 'reason', 'createdAt'];

/**
 * The body of `GET /api/user/ledger`.
 *
 * @param entries one more than `limit` when there is a next page.
 */
export function ledgerBody(entries: readonly LedgerEntry[], limit: number): string {
  const page = entries.slice(0, limit);
  const last = entries.length > limit ? page.at(-1) : undefined;
  const nextCursor = last === undefined ? null : encodeCursor([last.id]);
  return `{"success":true,"data":{"items":[${page.map(toJson).join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}}`;
}

/** The same as CSV. @throws what the first page throws. */
export function ledgerCsv(pages: AsyncIterable<readonly LedgerEntry[]>): Promise<Readable> {
  return openCsv(COLUMNS, rowsOf(pages));
}

async function* rowsOf(pages: AsyncIterable<readonly LedgerEntry[]>): AsyncGenerator<CsvCell[][], void, undefined> {
  for await (const entries of pages) yield entries.map(toRow);
}

function toRow({ id, kind, amount, ref, reason, createdAt }: LedgerEntry): CsvCell[] {
  return [id, kind, formatCredits(amount), wholeUnits(amount), ref, reason, createdAt.toISOString()];
}

/** `quota` is written digit by digit: as a JavaScript number it would be wrong above 2^53. */
function toJson({ id, kind, amount, ref, reason, createdAt }: LedgerEntry): string {
  const units = wholeUnits(amount);
  const head = JSON.stringify({ id, kind, amount: formatCredits(amount) }).slice(0, -1);
  const tail = JSON.stringify({ ref, reason, createdAt: createdAt.toISOString() }).slice(1);
  return `${head},${units === undefined ? '' : `"quota":${units},`}${tail}`;
}

/** The amount in quota units, where it is a whole number of them. */
function wholeUnits(amount: NanoCredits): bigint | undefined {
  return amount % NANO_PER_QUOTA_UNIT === 0n ? amount / NANO_PER_QUOTA_UNIT : undefined;
}
