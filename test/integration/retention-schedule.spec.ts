import { Logger } from '@nestjs/common';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import { RetentionSchedule } from '../../src/retention/retention-schedule.js';
import { openMemoryDatabase } from '../support/database.js';
import { startHub, type TestHub } from '../support/hub.js';
import { makeAccount, post } from '../support/ledger-calls.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { finishedJobAt, rollUpAll, settledAt } from '../support/usage-history.js';

const SLOW_MS = 120_000;
const MORNING = new Date('2026-11-26T03:00:00Z');

describe('the daily retention on the embedded database', () => {
  describeSchedule(openMemoryDatabase);
});

describeWithPostgres('the daily retention on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, SLOW_MS);
  afterAll(() => server?.stop());
  describeSchedule(() => Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 }));
});

function describeSchedule(openDatabase: () => Promise<Database>): void {
  let hub: TestHub;
  let schedule: RetentionSchedule;
  let job: string;
  beforeAll(async () => {
    Logger.overrideLogger(false);
    hub = await startHub({
      database: await openDatabase(),
      env: {
        HUB_RETENTION_USAGE_MONTHS: '12',
        HUB_RETENTION_JOBS_DAYS: '400',
        HUB_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
      },
    });
    const { sql } = hub;
    await sql.query(`select ensure_partitions(3, '2025-01-15')`);
    const account = await makeAccount(sql);
    await post(sql, 'grant', account, 1_000n);
    for (const month of ['01', '02', '03']) await settledAt(sql, account, new Date(`2025-${month}-15T00:00:00Z`), 5n);
    job = await finishedJobAt(sql, account, new Date('2025-01-20T00:00:00Z'), 1n);
    await rollUpAll(sql);
    await sql.query(`update usage_event set cost = cost + 1 where hold_month(hold_id::text) = '2025-02-01'`);
    schedule = hub.app.get(RetentionSchedule);
  }, SLOW_MS);
  afterAll(() => hub?.close());

  it('waits for the hour in which the books are audited', async () => {
    await schedule.round(new Date('2026-11-26T02:59:59Z'));
    expect(await left(hub.sql)).toEqual(['2025_01', '2025_02', '2025_03', '2025_04']);
  });

  it(
    'drops and removes what is old, by one of several instances, and tells of a month that may not go',
    async () => {
      const other = new RetentionSchedule(hub.sql, hub.app.get(Alerts), hub.settings);
      await Promise.all([schedule.round(MORNING), other.round(MORNING)]);
      expect(await left(hub.sql)).toEqual(['2025_02']);
      expect(await hub.sql.query('select from job where id = $1', [job])).toEqual([]);
      const alerts = await hub.sql.query(`select kind, severity, message from alert where kind = 'retention_refused'`);
      expect(alerts).toEqual([
        { kind: 'retention_refused', severity: 'critical', message: expect.stringContaining('2025-02') },
      ]);
      const said = hub.logs.map(({ msg }) => String(msg)).filter((line) => line.startsWith('The usage of'));
      expect(said.filter((line) => line.includes('2025-02 stays'))).toHaveLength(1);
    },
    SLOW_MS,
  );

  it('does nothing more on that day, and goes on with the next', async () => {
    await hub.sql.query(`update usage_event set cost = cost - 1 where hold_month(hold_id::text) = '2025-02-01'`);
    await schedule.round(new Date('2026-11-26T23:00:00Z'));
    expect(await left(hub.sql)).toEqual(['2025_02']);
    await schedule.round(new Date('2026-11-27T04:00:00Z'));
    expect(await left(hub.sql)).toEqual([]);
  });
}

/** Months of 2025 whose usage is there. */
async function left(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ month: string }>(
    `select right(relname::text, 7) as month from pg_class where relkind = 'r' and relname ~ '^usage_event_2025_' order by 1`,
  );
  return rows.map(({ month }) => month);
}
