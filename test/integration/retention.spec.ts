import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../src/cli/run-cli.js';
import { Database } from '../../src/database/database.js';
import type { Sql, SqlSession } from '../../src/database/sql.js';
import { dropMonth } from '../../src/retention/drop-month.js';
import { examineMonth } from '../../src/retention/examine-month.js';
import { runRetention } from '../../src/retention/retention.js';
import { sealMonth } from '../../src/retention/seal-month.js';
import { usageMonthsBefore } from '../../src/retention/usage-months.js';
import { rebuildUsage } from '../../src/usage/rebuild-usage.js';
import { copyDatabaseTo, openMemoryDatabase } from '../support/database.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { findUnsound } from '../support/sound-books.js';
import {
  finishedJobAt,
  HISTORY_END,
  HISTORY_MONTHS,
  reserveAt,
  rollUpAll,
  settledAt,
  type UsageHistory,
  writeHistory,
} from '../support/usage-history.js';
import { REFUSAL_PLANTS } from './retention-plants.js';

const SLOW_MS = 120_000;
const KEEP_ALL = { usageMonths: undefined, jobsDays: undefined };
const DO = { isDryRun: false };

describe('retention on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());
  describeRetention(() => database.sql);
});

describeWithPostgres('retention on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
  }, SLOW_MS);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  describeRetention(() => database.sql);

  it(
    'gives way to whoever works on the books, and to another run',
    async () => {
      const { sql } = database;
      const [month] = await usageMonthsBefore(sql, 3, HISTORY_END);
      const found = await sealMonth(sql, month!);
      expect(found.refusal).toBeUndefined();
      const locked = await sql.snapshot(
        async (session) => {
          await session.query('select from hold limit 1');
          return dropMonth(sql, month!, found.refusal === undefined ? found.horizon : '');
        },
        { timeoutMs: 10_000 },
      );
      expect(locked).toBe('locked');
      await sql.transaction(async (session) => {
        await session.query(`select pg_advisory_xact_lock(hashtextextended('hub:retention:seal', 0))`);
        expect(await sealMonth(sql, month!)).toEqual({ refusal: 'busy' });
      });
      expect(await findUnsound(sql)).toEqual([]);
      const run = await runRetention(sql, { ...KEEP_ALL, usageMonths: 3 }, HISTORY_END, DO);
      expect(run.months).toMatchObject([{ month: '2026-06' }, { month: '2026-07' }]);
      expect(run.months?.filter(({ refusal }) => refusal !== undefined)).toEqual([]);
      expect(await findUnsound(sql)).toEqual([]);
    },
    SLOW_MS,
  );
});

it(
  'says by command what would go, and that everything is kept by default',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'hub-retention-'));
    const dataDir = join(root, 'data');
    const hub = (argv: string[], env: Record<string, string> = {}) =>
      runCli({ argv, env: { DATA_DIR: dataDir, ...env }, readStdin: async () => '' });
    await copyDatabaseTo(dataDir);
    try {
      expect(await hub(['retention:run'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/Jobs are kept for ever.*\nUsage is kept for ever/),
      });
      const database = await Database.open({ url: undefined, dataDir, poolMax: 1, ledgerPoolMax: 2 });
      await database.sql.query(`select ensure_partitions(0, '2024-02-01')`);
      await database.close();
      const env = { HUB_RETENTION_USAGE_MONTHS: '2', HUB_RETENTION_JOBS_DAYS: '30' };
      const wanted = /^0 jobs would be removed\.\nMONTH .*\n2024-02 +0 +0 +0 +would be dropped\n$/;
      expect(await hub(['retention:run', '--dry-run'], env)).toMatchObject({ stdout: expect.stringMatching(wanted) });
      expect((await hub(['retention:run'], env)).stdout).toContain('dropped');
      expect((await hub(['retention:run'], env)).stdout).toContain('No month of usage is old enough.');
      expect(await hub(['retention:run', '--years'], env)).toMatchObject({ exitCode: 2 });
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  },
  SLOW_MS,
);

function describeRetention(open: () => Sql): void {
  let history: UsageHistory;
  beforeAll(async () => {
    history = await writeHistory(open());
  }, SLOW_MS);

  const run = (usageMonths: number | undefined, jobsDays?: number) =>
    runRetention(open(), { usageMonths, jobsDays }, HISTORY_END, DO);

  it('begins with books in order', async () => {
    expect(await findUnsound(open())).toEqual([]);
    expect(await monthsOf(open())).toEqual(HISTORY_MONTHS.map((month) => month.slice(0, 7)));
  });

  it('keeps everything unless a setting says otherwise', async () => {
    expect(await run(undefined)).toEqual({ isDryRun: false, months: undefined, jobs: undefined });
    expect(await monthsOf(open())).toHaveLength(HISTORY_MONTHS.length);
  });

  it('keeps a month for the whole of the time after its end', async () => {
    const months = async (kept: number, at: string) =>
      (await usageMonthsBefore(open(), kept, new Date(at))).map(({ month }) => month).at(-1);
    expect(await months(1, '2026-11-30T23:59:59.999Z')).toBe('2026-09-01');
    expect(await months(1, '2026-12-01T00:00:00.000Z')).toBe('2026-10-01');
    expect(await months(24, '2026-11-26T00:00:00Z')).toBeUndefined();
    expect(await months(24, '2026-12-01T00:00:00Z')).toBe('2024-11-01');
  });

  describe('refuses a month', () => {
    const MARCH = '2025-03';

    it.each(REFUSAL_PLANTS)('%s: when %s', async (refusal, _title, plant) => {
      const months = await usageMonthsBefore(open(), 1, HISTORY_END);
      const month = months.find((one) => one.month.startsWith(MARCH))!;
      const found = await undone(open(), async (session) => {
        await plant(session, history.account);
        return examineMonth(session, month);
      });
      expect(found).toEqual({ refusal });
      expect(await open().transaction((session) => examineMonth(session, month))).toMatchObject({
        totals: { cost: expect.any(String) },
      });
    });
  });

  it(
    'stays with the others when one may not go, and repairs a crash between seal and drop',
    async () => {
      const sql = open();
      const kept = await reserveAt(sql, history.account, new Date('2025-01-10T00:00:00Z'), { amount: 5n });
      await sql.query(`update hold set lease_until = now() + interval '1 h' where id = $1`, [kept]);
      const late = (await usageMonthsBefore(sql, 18, HISTORY_END)).find(({ month }) => month === '2024-12-01')!;
      const seal = await sealMonth(sql, late);
      // The process dies here: the seal is written, and counts for nothing yet.
      expect(await findUnsound(sql)).toEqual([]);
      await settledAt(sql, history.account, new Date('2024-12-24T00:00:00Z'), 3n);
      expect(await dropMonth(sql, late, seal.refusal === undefined ? seal.horizon : '')).toBe('changed');
      await rollUpAll(sql);
      const before = await figures(sql);
      const dry = await runRetention(sql, { usageMonths: 20, jobsDays: undefined }, HISTORY_END, { isDryRun: true });
      expect(await figures(sql)).toEqual(before);
      const done = await run(20);
      expect({ ...dry, isDryRun: false }).toEqual(done);
      expect(done.months?.map(({ month, refusal }) => [month, refusal])).toEqual([
        ['2024-11', undefined],
        ['2024-12', undefined],
        ['2025-01', 'open_holds'],
        ['2025-02', undefined],
      ]);
      expect((await monthsOf(sql)).slice(0, 2)).toEqual(['2025-01', '2025-03']);
      expect(await findUnsound(sql)).toEqual([]);
      expect(await figures(sql)).toEqual(before);
      await sql.query(`select ledger_settle(array[$1::uuid], array[$2::bigint], '{0}', $3::jsonb, null, '{}')`, [
        kept,
        history.account,
        JSON.stringify([
          {
            hold_id: kept,
            attempt: 1,
            is_final: true,
            account_id: history.account,
            model: 'm',
            endpoint: 'chat',
            outcome: 'failed',
            cost: 0,
          },
        ]),
      ]);
    },
    SLOW_MS,
  );

  it('drops no month by a seal that a hub of the version before has made, without its sound and searches', async () => {
    const sql = open();
    const month = (await usageMonthsBefore(sql, 3, HISTORY_END)).find((one) => one.month === '2026-05-01')!;
    const seal = await sealMonth(sql, month);
    expect(seal.refusal).toBeUndefined();
    await sql.query('update sealed_month set audio_ms = null, characters = null, searches = null where month = $1', [
      month.month,
    ]);
    const horizon = seal.refusal === undefined ? seal.horizon : '';
    await expect(dropMonth(sql, month, horizon)).rejects.toThrow('sealed_month_counted');
    expect(await findUnsound(sql)).toEqual([]);
    expect(await monthsOf(sql)).toContain('2026-05');
  });

  it(
    'drops exactly the months that it may, and the books stay proved',
    async () => {
      const sql = open();
      await rollUpAll(sql);
      const before = await figures(sql);
      const { months } = await run(6);
      expect(months?.map(({ month }) => month)).toEqual(
        HISTORY_MONTHS.map((month) => month.slice(0, 7)).filter(
          (month) => month === '2025-01' || (month > '2025-02' && month < '2026-05'),
        ),
      );
      expect(months?.filter(({ refusal }) => refusal !== undefined)).toEqual([]);
      expect(await monthsOf(sql)).toEqual([
        '2026-05',
        '2026-06',
        '2026-07',
        '2026-08',
        '2026-09',
        '2026-10',
        '2026-11',
      ]);
      expect(await findUnsound(sql)).toEqual([]);
      expect(await figures(sql)).toEqual(before);
      expect((await run(6)).months).toEqual([]);
    },
    SLOW_MS,
  );

  it(
    'rebuilds the sums by the hour without losing those of months that are gone',
    async () => {
      const sql = open();
      const hours = `select hour, account_id, key_id, model, sum(requests) as requests, sum(attempts) as attempts, sum(cost) as cost,
                          sum(input_tokens) as input, sum(audio_ms) as sound, sum(characters) as characters, sum(searches) as searches, sum(loss) as loss from usage_hour group by 1, 2, 3, 4 order by 1, 2, 3, 4`;
      const before = await sql.query(hours);
      await rebuildUsage(sql);
      expect(await sql.query(hours)).toEqual(before);
      expect(before.length).toBeGreaterThan(100);
      expect(await findUnsound(sql)).toEqual([]);
    },
    SLOW_MS,
  );

  it.each([
    ['the cost', 'update sealed_month set cost = cost + 1', ['I5', 'I14', 'I21']],
    [
      'a cost moved to another month',
      "update sealed_month set cost = cost + case month when '2025-06-01' then 1 when '2025-07-01' then -1 else 0 end",
      ['I5', 'I21'],
    ],
    ['the loss', 'update sealed_month set loss = loss + 1', ['I6', 'I14', 'I21']],
    ['the number of jobs', 'update sealed_month set jobs = jobs + 1', ['I12']],
    ['the cost of jobs', 'update sealed_month set job_cost = job_cost + 1', ['I12']],
    ['what counts for budgets', 'update sealed_month set budgeted = budgeted + 1', ['I18']],
    ['the number of requests', 'update sealed_month set requests = requests + 1', ['I21']],
    ['the number of attempts', 'update sealed_month set attempts = attempts + 1', ['I21']],
    ['the sound', 'update sealed_month set audio_ms = audio_ms + 1', ['I14', 'I21']],
    ['the searches', 'update sealed_month set searches = searches - 1', ['I14', 'I21']],
    ['all of a month', `delete from sealed_month where month = '2025-06-01'`, ['I5', 'I12', 'I14', 'I18', 'I21']],
    ['an hour', 'update sealed_hour set cost = cost + 1', ['I21']],
    ['the characters of an hour', 'update sealed_hour set characters = characters + 1', ['I21']],
    [
      'that it was dropped',
      `update sealed_month set dropped_at = null where month = '2025-06-01'`,
      ['I5', 'I12', 'I14', 'I18'],
    ],
  ])('the audit sees when somebody changes %s', async (_title, statement, broken) => {
    const found = await undone(open(), async (session) => {
      await session.query('alter table sealed_month disable trigger sealed_month_final');
      await session.query(statement);
      return findUnsound({ snapshot: (work: (on: SqlSession) => Promise<unknown>) => work(session) } as unknown as Sql);
    });
    expect(found.map((line) => line.split(':')[0])).toEqual(broken);
    await expect(open().query(statement.includes('sealed_hour') ? 'truncate sealed_month' : statement)).rejects.toThrow(
      'append-only',
    );
  });

  it('the audit sees an entry that somebody makes for a month that is gone', async () => {
    const found = await undone(open(), async (session) => {
      await session.query(
        `insert into entry (kind, debit_id, credit_id, amount, ref, actor) values ('settle', $1, 1, 5, $2, 'relay')`,
        [history.account, '0195a3c0-0000-7000-8000-000000000000'],
      );
      return findUnsound({ snapshot: (work: (on: SqlSession) => Promise<unknown>) => work(session) } as unknown as Sql);
    });
    expect(found.map((line) => line.split(':')[0])).toEqual(expect.arrayContaining(['I5']));
    expect(found.find((line) => line.startsWith('I5'))).toContain('month 2025-03');
  });

  it(
    'removes old jobs with all that is theirs, whether their month is still there or not',
    async () => {
      const sql = open();
      const day = (days: number) => new Date(HISTORY_END.getTime() - days * 86_400_000);
      const waiting = await finishedJobAt(sql, history.account, day(100), 1n);
      await sql.query('update webhook_delivery set next_attempt_at = now() where job_id = $1', [waiting]);
      const withFiles = await finishedJobAt(sql, history.account, day(100), 2n);
      await sql.query('update job set results_deleted_at = null where id = $1', [withFiles]);
      const watched = await finishedJobAt(sql, history.account, day(100), 3n);
      await sql.query('update job set due_at = now() where id = $1', [watched]);
      const young = await finishedJobAt(sql, history.account, day(89), 4n);
      const old = await finishedJobAt(sql, history.account, day(91), 5n);
      await rollUpAll(sql);
      const dry = await runRetention(sql, { usageMonths: undefined, jobsDays: 90 }, HISTORY_END, { isDryRun: true });
      const { jobs } = await run(undefined, 90);
      expect(jobs).toBeGreaterThan(40);
      expect(dry.jobs).toBe(jobs);
      const left = (await sql.query<{ id: string }>('select id from job')).map(({ id }) => id);
      expect(left).toEqual(expect.arrayContaining([waiting, withFiles, watched, young]));
      expect(left).not.toContain(old);
      expect(await sql.query('select 1 from job_output where job_id = $1', [old])).toEqual([]);
      expect(await sql.query('select 1 from webhook_delivery where job_id = $1', [old])).toEqual([]);
      expect(await findUnsound(sql)).toEqual([]);
      await sql.query('update job set results_deleted_at = now(), due_at = null where id = any ($1)', [
        [withFiles, watched],
      ]);
      expect((await run(5, 90)).jobs).toBe(2);
      expect(await findUnsound(sql)).toEqual([]);
      const forgotten = await undone(sql, async (session) => {
        await session.query('update removed_jobs set cost = cost - 1');
        return findUnsound({
          snapshot: (work: (on: SqlSession) => Promise<unknown>) => work(session),
        } as unknown as Sql);
      });
      expect(forgotten).toEqual([expect.stringContaining('I12')]);
    },
    SLOW_MS,
  );
}

/** The months whose partitions are there, up to the end of the history. */
async function monthsOf(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ month: string }>(
    `select distinct replace(right(relname::text, 7), '_', '-') as month from pg_class
      where relkind = 'r' and relname ~ '^(hold|usage_event)_[0-9]{4}_[0-9]{2}$' order by 1`,
  );
  return rows.map(({ month }) => month).filter((month) => month <= '2026-11');
}

/** What no run may change: balances, entries, what reports say, budgets. */
async function figures(sql: Sql): Promise<object[]> {
  return await sql.query(
    `select (select sum(credits_posted - debits_posted) from account where kind = 'customer')::text as balances,
            (select count(*) || ' ' || sum(amount) from entry) as entries,
            (select sum(requests) || ' ' || sum(cost) || ' ' || sum(loss) || ' ' || sum(audio_ms) || ' ' || sum(characters)
                    || ' ' || sum(searches) from usage_hour) as hours,
            (select sum(posted) from key_budget)::text as budgets`,
  );
}

/** What the work found, with everything it wrote taken back. */
async function undone<Result>(sql: Sql, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
  let result: { readonly found: Result } | undefined;
  const back = new Error('undone');
  const ran = sql.transaction(async (session) => {
    result = { found: await work(session) };
    throw back;
  });
  await ran.catch((error: unknown) => {
    if (error !== back) throw error;
  });
  return result!.found;
}
