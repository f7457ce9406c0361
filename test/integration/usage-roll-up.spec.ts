import { setTimeout as delay } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { ReportTimeoutError } from '../../src/database/reports.js';
import { rebuildUsage } from '../../src/usage/rebuild-usage.js';
import { rollUpUsage } from '../../src/usage/roll-up-usage.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeUsage, reportAndEvents, rollUpAll } from '../support/describe-usage.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { insertAccount, insertEvents, randomEvent, rollUpDrift } from '../support/usage-events.js';

const TIMES_MIN = 20;

describe('usage on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());

  describeUsage(() => database);
});

describeWithPostgres('usage on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    // Its transactions hold up watermarks, and with them what a roll-up takes.
    server = await startPostgres({ settings: { autovacuum: 'off' } });
    database = await Database.open({ url: server.url, dataDir: 'unused', poolMax: 12, ledgerPoolMax: 4 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  describeUsage(() => database);

  /** A transaction that has written one event and stays open until `commit`. */
  const openTransaction = async (accountId: string): Promise<{ commit: () => Promise<void> }> => {
    const written = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const done = database.sql.transaction(async (session) => {
      await insertEvents(session, [{ account_id: accountId, cost: '1' }]);
      written.resolve();
      await release.promise;
    });
    await Promise.race([written.promise, done]);
    return {
      commit: () => {
        release.resolve();
        return done;
      },
    };
  };

  const costOf = async (accountId: string): Promise<string> => {
    const { report, events } = await reportAndEvents(database, accountId);
    expect(report).toEqual(events);
    return report.cost;
  };

  it('does not skip a row that commits late', async () => {
    const accountId = await insertAccount(database.sql);
    await rollUpAll(database);
    const late = await openTransaction(accountId);
    await insertEvents(database.sql, [{ account_id: accountId, cost: '10' }]);
    await rollUpAll(database);
    expect(await costOf(accountId)).toBe('10');
    await late.commit();
    expect(await costOf(accountId)).toBe('11');
    await rollUpAll(database);
    expect(await costOf(accountId)).toBe('11');
    expect(await rollUpDrift(database.sql)).toEqual([]);
    const [summed] = await database.sql.query(`select sum(cost) as cost from usage_hour where account_id = $1`, [
      accountId,
    ]);
    expect(summed).toEqual({ cost: '11' });
  });

  it('leaves it to another instance that is at it', async () => {
    await database.sql.transaction(async (session) => {
      await session.query(`select from usage_rollup_state for update`);
      expect(await rollUpUsage(database.sql)).toBe('busy');
    });
  });

  // Writers that commit at once, late, or not at all; two instances that roll up; a rebuild; and reports all the while.
  it('is exact at every moment, whatever commits when', async () => {
    const accountId = await insertAccount(database.sql);
    const end = Date.now() + 6_000;
    const during = async (work: () => Promise<void>): Promise<number> => {
      let times = 0;
      // On a machine that has others to serve as well, as often as the books have to be looked at.
      for (; Date.now() < end || times <= TIMES_MIN; times++) await work();
      return times;
    };
    const write = async (): Promise<void> => {
      const pauseMs = Math.random() < 0.2 ? Math.random() * 400 : Math.random() * 3;
      await database.sql
        .transaction(async (session) => {
          await insertEvents(session, [randomEvent(accountId)]);
          await delay(pauseMs);
          await insertEvents(session, [randomEvent(accountId)]);
          if (Math.random() < 0.1) throw new Error('changed my mind');
        })
        .catch((error: unknown) => expect(String(error)).toContain('changed my mind'));
    };
    const rollUp = async (): Promise<void> => {
      await rollUpUsage(database.sql, 1 + Math.floor(Math.random() * 20));
    };
    const compare = async (): Promise<void> => {
      const { report, events } = await reportAndEvents(database, accountId);
      expect(report).toEqual(events);
    };
    const [written, , , , , , , compared] = await Promise.all([
      ...Array.from({ length: 5 }, () => during(write)),
      during(rollUp),
      during(rollUp),
      during(compare),
      delay(2_500).then(() => rebuildUsage(database.sql)),
    ]);
    expect(written).toBeGreaterThan(TIMES_MIN);
    expect(compared).toBeGreaterThan(TIMES_MIN);
    await rollUpAll(database);
    expect(await rollUpDrift(database.sql)).toEqual([]);
    const [left] = await database.sql.query<{ n: string }>(
      `select count(*) as n from usage_event where tx >= (select watermark from usage_rollup_state)`,
    );
    expect(left).toEqual({ n: '0' });
  });

  it('gives reports connections of their own, which say so when they are not enough', async () => {
    const names = await database.reports.snapshot((session) =>
      session.query(`select current_setting('application_name') as name, current_setting('statement_timeout') as timeout,
                            current_setting('transaction_isolation') as isolation`),
    );
    expect(names).toEqual([{ name: 'ug-ai-hub reports', timeout: '10s', isolation: 'repeatable read' }]);
    const slow = () => database.reports.snapshot((session) => session.query('select pg_sleep(4)'));
    const [first, second, third] = await Promise.allSettled([slow(), slow(), slow()]);
    expect([first.status, second.status, third.status]).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect((third as PromiseRejectedResult).reason).toBeInstanceOf(ReportTimeoutError);
    const cancelled = database.reports.snapshot(async (session) => {
      await session.query(`set local statement_timeout = '50ms'`);
      await session.query('select pg_sleep(4)');
    });
    await expect(cancelled).rejects.toBeInstanceOf(ReportTimeoutError);
    await expect(database.reports.snapshot((session) => session.query('select nothing'))).rejects.toMatchObject({
      code: '42703',
    });
  });

  it('refuses to write through a report', async () => {
    const write = database.reports.snapshot((session) => session.query(`update hub_state set catalog_version = 0`));
    // As a standby that cannot write does it.
    await expect(write).rejects.toMatchObject({ cause: { code: '25006' } });
  });
});
