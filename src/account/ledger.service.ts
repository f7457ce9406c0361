import { Inject, Injectable } from '@nestjs/common';
import type { NanoCredits } from '../common/money.js';
import { Sql } from '../database/sql.js';
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
  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /** Entries of an account, newest first. @param limit at most this many. */
  async list(accountId: string, filter: LedgerFilter, limit: number): Promise<LedgerEntry[]> {
    // One scan of an index per side; "debit or credit" in one condition would read all of the account's entries and sort them.
    const sides = sidesOf(filter.kind).map(
      ({ column, sign }) =>
        `(select id, kind, ${sign}amount as amount, ref, reason, created_at from entry
           where ${column} = $1 and ($2::bigint is null or id < $2) and ($3::text is null or kind = $3)
             and ($4::timestamptz is null or created_at >= $4) and ($5::timestamptz is null or created_at < $5)
           order by id desc limit $6)`,
    );
    const rows = await this.sql.query<Row>(`select * from (${sides.join(' union all ')}) e order by id desc limit $6`, [
      accountId,
      filter.beforeId ?? null,
      filter.kind ?? null,
      filter.from ?? null,
      filter.to ?? null,
      limit,
    ]);
    return rows.map(toEntry);
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
