import { setImmediate as turn } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Sql, type SqlSession } from '../database/sql.js';
import { tryLock } from '../database/try-lock.js';
import type { Invariant } from './invariant.js';
import { INVARIANTS } from './invariants.js';

/** Most samples of one invariant; the rest is counted. */
const SAMPLES_MAX = 20;
const STATEMENT_MS_MAX = 30 * 60_000;

/** What an audit looks at; everything by default. */
export interface AuditScope {
  /** Only these accounts; invariants of the books as a whole are left out then. */
  readonly accounts?: readonly string[];
  /** Only the invariants with these ids. */
  readonly only?: readonly string[];
  /** Invariants that would read every hold ever made look only at those made since. */
  readonly since?: Date;
}

/** One thing that breaks an invariant. */
export interface BadRow {
  readonly accountId: string | null;
  /** What it is: `hold 0193…`. */
  readonly subject: string;
  /** What is wrong with it; amounts are nano-credits. */
  readonly detail: string;
}

/** What the audit found out about one invariant. */
export interface AuditResult {
  readonly id: string;
  readonly title: string;
  readonly badRows: number;
  /** The first 20 of them. */
  readonly samples: readonly BadRow[];
  /** Every account that a bad row belongs to, in ascending order. */
  readonly accounts: readonly string[];
  /** How long it took. */
  readonly ms: number;
}

/** Asks the books whether every invariant holds. Reads only; what follows from it is the caller's business. */
@Injectable()
export class Audit {
  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /**
   * Checks the invariants one after the other, on PostgreSQL all in one snapshot.
   *
   * @throws DatabaseUnavailableError when the database is away or a check takes longer than half an hour.
   */
  run(scope: AuditScope = {}): Promise<AuditResult[]> {
    return this.sql.snapshot((session) => checkAll(session, scope), { timeoutMs: STATEMENT_MS_MAX });
  }

  /** The same, unless another instance is at it under the same name: undefined then. */
  runAlone(name: string, scope: AuditScope = {}): Promise<AuditResult[] | undefined> {
    return this.sql.snapshot(
      async (session) => ((await tryLock(session, `audit:${name}`)) ? checkAll(session, scope) : undefined),
      { timeoutMs: STATEMENT_MS_MAX },
    );
  }
}

async function checkAll(session: SqlSession, scope: AuditScope): Promise<AuditResult[]> {
  const results: AuditResult[] = [];
  for (const invariant of INVARIANTS) {
    if (scope.only !== undefined && !scope.only.includes(invariant.id)) continue;
    if (scope.accounts !== undefined && invariant.scope === 'all') continue;
    results.push(await check(session, invariant, scope));
    // The embedded database works on this process's own thread: requests get their turn between two checks.
    await turn();
  }
  return results;
}

async function check(session: SqlSession, invariant: Invariant, scope: AuditScope): Promise<AuditResult> {
  const startedAt = performance.now();
  const [row] = await session.query<{ bad_rows: string; accounts: string[]; samples: BadRow[] }>(
    `with bad as materialized (${invariant.sql})
     select (select count(*) from bad) as bad_rows,
            array(select distinct account_id from bad where account_id is not null order by account_id) as accounts,
            (select coalesce(jsonb_agg(jsonb_build_object('accountId', s.account_id::text, 'subject', s.subject, 'detail', s.detail)
                                       order by s.account_id, s.subject), '[]')
               from (select * from bad order by account_id, subject limit ${SAMPLES_MAX}) s) as samples
      where ($1::bigint[] is null or true) and ($2::timestamptz is null or true)`,
    [scope.accounts ?? null, scope.since ?? null],
  );
  return {
    id: invariant.id,
    title: invariant.title,
    badRows: Number(row?.bad_rows),
    samples: row?.samples ?? [],
    accounts: row?.accounts ?? [],
    ms: Math.round(performance.now() - startedAt),
  };
}
