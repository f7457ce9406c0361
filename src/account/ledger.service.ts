import { Inject, Injectable } from '@nestjs/common';
import type { NanoCredits } from '../common/money.js';
import { Reports, ReportTimeoutError } from '../database/reports.js';
import type { SqlParameter, SqlSession } from '../database/sql.js';
import { reportTooSlow } from '../usage/usage.errors.js';
import type { LedgerFilter, LedgerKind } from './ledger-query.js';

/** Rows that are in memory at a time while a long list is written. */
const PAGE_MAX = 1000;

/** A movement of an account's money. */
export interface LedgerEntry {
  readonly id: string;
  readonly kind: LedgerKind;
  /** Above zero it came in. */
  readonly amount: NanoCredits;
  /** What it was posted for: the id of a request, as answers carry it, or a reference of the operator. */
  readonly ref: string;
  readonly reason: string | null;
  readonly createdAt: Date;
}

interface Row {
  id: string;
  kind: LedgerKind;
  amount: string;
  ref: string;
  reason: string | null;
  created_at: Date;
}

/** Where the account stands in an entry that takes from it, and in one that gives to it. */
const OUT = { column: 'debit_id', sign: '-' } as const;
const INTO = { column: 'credit_id', sign: '' } as const;
/** Kinds that only give; the others, but `adjust`, only take. */
const GIVING: ReadonlySet<LedgerKind> = new Set(['topup', 'grant', 'redeem', 'refund']);
/** Kinds whose reference is the id of a hold, which is the id of a request. */
const OF_REQUESTS: ReadonlySet<LedgerKind> = new Set(['settle', 'late', 'refund']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads what moved an account's money. */
@Injectable()
export class LedgerService {
  constructor(@Inject(Reports) private readonly reports: Reports) {}

  /**
   * Entries of an account, newest first.
   *
   * @param limit at most this many.
   * @throws HubError 503 `report_too_slow` when few of many entries are asked for.
   */
  async list(accountId: string, filter: LedgerFilter, limit: number): Promise<LedgerEntry[]> {
    const { rowsMax } = this.reports;
    return await this.reports
      .snapshot(async (session) => {
        // Without a filter no more is read than is shown.
        const isBound = rowsMax !== null && (filter.kind ?? filter.from ?? filter.to) !== undefined;
        const end = isBound ? await findEnd(session, accountId, filter, rowsMax) : undefined;
        const rows = await readEntries(session, accountId, filter, { limit, endId: end?.id });
        if (end !== undefined && rows.length < limit && !isBefore(end, filter.from)) throw reportTooSlow();
        return rows.map(toEntry);
      })
      .catch((error: unknown) => {
        throw error instanceof ReportTimeoutError ? reportTooSlow(error) : error;
      });
  }

  /** The same, page by page, for lists that are too long for memory. */
  async *pages(accountId: string, filter: LedgerFilter, limit: number): AsyncGenerator<LedgerEntry[], void, undefined> {
    let { beforeId } = filter;
    for (let left = limit; left > 0; ) {
      const entries = await this.list(accountId, { ...filter, beforeId }, Math.min(left, PAGE_MAX));
      yield entries;
      if (entries.length < Math.min(left, PAGE_MAX)) return;
      left -= entries.length;
      beforeId = entries.at(-1)?.id;
    }
  }
}

/** The first entry that is one too many to read. */
interface End {
  readonly id: string;
  readonly created_at: Date;
}

/** Finds where reading has to end so that no side reads more than `rowsMax` entries; undefined when all may be read. */
async function findEnd(
  session: SqlSession,
  accountId: string,
  { kind, beforeId }: LedgerFilter,
  rowsMax: number,
): Promise<End | undefined> {
  const sides = sidesOf(kind).map(
    ({ column }) =>
      `(select id, created_at from entry where ${column} = $1 and ($2::bigint is null or id < $2)
         order by id desc offset $3::int limit 1)`,
  );
  const [end] = await session.query<End>(
    `select id, created_at from (${sides.join(' union all ')}) e order by id desc limit 1`,
    [accountId, beforeId ?? null, rowsMax],
  );
  return end;
}

/** Entries of an account are dated in the order of their ids, so what is older than this is older than `from` as well. */
function isBefore(end: End, from: Date | undefined): boolean {
  return from !== undefined && end.created_at < from;
}

function readEntries(
  session: SqlSession,
  accountId: string,
  filter: LedgerFilter,
  { limit, endId }: { readonly limit: number; readonly endId: string | undefined },
): Promise<Row[]> {
  // One scan of an index per side; "debit or credit" in one condition would read all of the account's entries and sort them.
  const sides = sidesOf(filter.kind).map(
    ({ column, sign }) =>
      `(select id, kind, ${sign}amount as amount, ref, reason, created_at from entry
         where ${column} = $1 and ($2::bigint is null or id < $2) and ($3::text is null or kind = $3)
           and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
           and ($7::bigint is null or id > $7)
         order by id desc limit $6)`,
  );
  const { beforeId, kind, from, to } = filter;
  const optional: SqlParameter[] = [beforeId ?? null, kind ?? null, from ?? null, to ?? null];
  return session.query<Row>(`select * from (${sides.join(' union all ')}) e order by id desc limit $6`, [
    accountId,
    ...optional,
    limit,
    endId ?? null,
  ]);
}

function sidesOf(kind: LedgerKind | undefined): readonly (typeof OUT | typeof INTO)[] {
  if (kind === undefined || kind === 'adjust') return [OUT, INTO];
  return GIVING.has(kind) ? [INTO] : [OUT];
}

function toEntry(row: Row): LedgerEntry {
  const isRequest = OF_REQUESTS.has(row.kind) && UUID.test(row.ref);
  return {
    id: row.id,
    kind: row.kind,
    amount: BigInt(row.amount),
    ref: isRequest ? `req_${row.ref.replaceAll('-', '')}` : row.ref,
    reason: row.reason,
    createdAt: row.created_at,
  };
}
