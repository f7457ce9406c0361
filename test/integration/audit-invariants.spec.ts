import { setImmediate as turn } from 'node:timers/promises';
import { Audit, type AuditResult } from '../../src/audit/audit.js';
import { INVARIANTS } from '../../src/audit/invariants.js';
import { Database } from '../../src/database/database.js';
import type { Sql, SqlSession } from '../../src/database/sql.js';
import { openMemoryDatabase } from '../support/database.js';
import { type Books, makeAccount, makeBooks, makeKey, post, reserve, rollUp, settle } from '../support/ledger-calls.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { PLANTS } from './audit-plants.js';

describe('the audit on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());
  describeAudit(() => database.sql);
});

describeWithPostgres('the audit on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 2, ledgerPoolMax: 4 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  describeAudit(() => database.sql);

  it('sees one moment in all its checks, and waits for no connection of the application', async () => {
    const { sql } = database;
    const count = `select count(*)::integer as count from account`;
    const seen = await sql.snapshot(
      async (session) => {
        const before = await session.query(count);
        await makeAccount(sql, 'meanwhile');
        return [...before, ...(await session.query(count))];
      },
      { timeoutMs: 5_000 },
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(await sql.query(count)).not.toEqual([seen[0]]);
  });

  it('may take longer than a statement of a request may', async () => {
    const sleep = (session: SqlSession) => session.query('select pg_sleep(2.6)');
    await expect(sleep(database.sql)).rejects.toThrow('not available');
    await expect(database.sql.snapshot(sleep, { timeoutMs: 10_000 })).resolves.toHaveLength(1);
    await expect(database.sql.snapshot(sleep, { timeoutMs: 100 })).rejects.toThrow('not available');
  }, 20_000);

  it('is done by one instance at a time', async () => {
    const audit = new Audit(database.sql);
    await database.sql.transaction(async (session) => {
      await session.query(`select pg_advisory_xact_lock(hashtextextended('hub:audit:night', 0))`);
      expect(await audit.runAlone('night')).toBeUndefined();
    });
    expect(await audit.runAlone('night')).toHaveLength(INVARIANTS.length);
  });
});

function describeAudit(open: () => Sql): void {
  let books: Books;

  it('asks every minute for nothing that makes it read the holds of half an hour', async () => {
    const { sql } = INVARIANTS.find(({ id }) => id === 'I8')!;
    const plan = await open().transaction(async (session) => {
      await session.query('set local enable_seqscan = off');
      await session.query('set local enable_bitmapscan = off');
      const rows = await session.query<Record<'QUERY PLAN', string>>(
        `explain ${sql.replaceAll('$1', 'null').replaceAll('$2', `(now() - interval '30 min')`)}`,
      );
      return rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes(' on hold'));
    });
    expect(plan.length).toBeGreaterThan(3);
    for (const line of plan) expect(line).toMatch(/using hold_\w+_id_idx/);
  });

  beforeAll(async () => {
    books = await open().transaction(makeBooks);
    // Again: within the transaction that made the usage the watermark cannot be above it.
    await open().transaction(rollUp);
  });

  it('finds books in order in which everything has happened', async () => {
    const results = await new Audit(open()).run();
    expect(results.filter(({ badRows }) => badRows > 0)).toEqual([]);
    expect(results.map(({ id }) => id)).toEqual(INVARIANTS.map(({ id }) => id));
  });

  it('finds them in order at any moment while money moves', async () => {
    const sql = open();
    const account = await makeAccount(sql);
    const key = await makeKey(sql, account, 1_000_000n);
    await post(sql, 'grant', account, 1_000_000n);
    let isMoving = true;
    const move = async (isSumming: boolean): Promise<number> => {
      let times = 0;
      for (; isMoving && times < 2000; times++) {
        const hold = await reserve(sql, account, { amount: 50n, key, claim: `${times}:${Math.random()}` });
        await settle(sql, account, hold, BigInt(times % 60), key);
        // As a request would: the embedded database answers without a turn of the event loop.
        await turn();
        if (isSumming && times % 5 === 0) await sql.transaction(rollUp);
      }
      return times;
    };
    const audit = async (): Promise<AuditResult[]> => {
      const results: AuditResult[] = [];
      try {
        for (let i = 0; i < 5; i++) results.push(...(await new Audit(sql).run()));
      } finally {
        isMoving = false;
      }
      return results;
    };
    const [results, times] = await Promise.all([audit(), move(true), move(false)]);
    expect(results.filter(({ badRows }) => badRows > 0)).toEqual([]);
    expect(times).toBeGreaterThan(3);
  });

  it('changes nothing: its session refuses to write', async () => {
    const write = open().snapshot((session) => makeAccount(session), { timeoutMs: 1000 });
    // SQLSTATE read_only_sql_transaction
    await expect(write).rejects.toMatchObject({ cause: { code: '25006' } });
  });

  it('has a plant for every invariant', () => {
    expect(new Set(PLANTS.map(({ breaks }) => breaks))).toEqual(new Set(INVARIANTS.map(({ id }) => id)));
  });

  it.each(PLANTS)('$breaks sees $title', async ({ breaks, plant, accounts, rows }) => {
    const found = await planted(open(), async (session) => {
      await plant(session, books);
      return auditIn(session).run();
    });
    const bad = found.filter(({ badRows }) => badRows > 0);
    expect(bad).toMatchObject([{ id: breaks, badRows: rows ?? 1, accounts: accounts?.(books) ?? [books.account] }]);
    expect(bad[0]?.samples).toHaveLength(rows ?? 1);
  });

  it('asks of the given accounts only', async () => {
    const [mine, others] = await planted(open(), async (session) => {
      await session.query('update account set used_posted = used_posted + 1 where id = $1', [books.account]);
      const audit = auditIn(session);
      return [await audit.run({ accounts: [books.account] }), await audit.run({ accounts: [books.other] })];
    });
    expect(mine?.filter(({ badRows }) => badRows > 0).map(({ id }) => id)).toEqual(['I16']);
    expect(others?.filter(({ badRows }) => badRows > 0)).toEqual([]);
    expect(others?.map(({ id }) => id)).not.toContain('I15');
  });

  it('shows twenty of many bad rows and counts the rest', async () => {
    const [result] = await planted(open(), async (session) => {
      await session.query(`insert into account (name, used_posted) select 'many', 1 from generate_series(1, 25)`);
      return auditIn(session).run({ only: ['I16'] });
    });
    expect(result).toMatchObject({ id: 'I16', badRows: 25 });
    expect(result?.samples).toHaveLength(20);
    expect(result?.accounts).toHaveLength(25);
  });
}

/** What the work found, with everything it wrote taken back. */
async function planted<Result>(sql: Sql, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
  let result: { readonly found: Result } | undefined;
  const undone = new Error('undone');
  const run = sql.transaction(async (session) => {
    result = { found: await work(session) };
    throw undone;
  });
  await run.catch((error: unknown) => {
    if (error !== undone) throw error;
  });
  return result!.found;
}

/** The audit inside a transaction that is not committed. */
function auditIn(session: SqlSession): Audit {
  return new Audit({ snapshot: (work: (on: SqlSession) => Promise<unknown>) => work(session) } as unknown as Sql);
}
