import { Logger } from '@nestjs/common';
import { AlertDelivery } from '../../src/alerts/alert-delivery.js';
import { AlertWebhook } from '../../src/alerts/alert-webhook.js';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { Audit } from '../../src/audit/audit.js';
import { AuditSchedule } from '../../src/audit/audit-schedule.js';
import { PartitionKeeper } from '../../src/audit/partition-keeper.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import type { Sql } from '../../src/database/sql.js';
import type { RedisService } from '../../src/redis/redis.service.js';
import { TOPIC_KEYS } from '../../src/redis/topics.js';
import { openMemoryDatabase } from '../support/database.js';
import { makeAccount, post, reserve } from '../support/ledger-calls.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';

beforeAll(() => Logger.overrideLogger(false));

describe('audits on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());
  describeSchedule(() => database.sql);
});

describeWithPostgres('audits on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres();
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 4 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  describeSchedule(() => database.sql);

  it('freeze without a deadlock beside the ledger, which locks in the same order', async () => {
    const { sql } = database;
    const accounts = [await makeAccount(sql), await makeAccount(sql)] as const;
    for (const account of accounts) await post(sql, 'grant', account, 100_000n);
    await sql.query(`update account set used_posted = 5 where id in (${accounts})`);
    const { schedule } = parts(sql);
    const traffic = Array.from({ length: 40 }, () =>
      sql.query(
        `select ledger_reserve(array[gen_random_uuid(), gen_random_uuid()], array[$1::bigint, $2], array[null::bigint, null],
           array[1::bigint, 1], array[1::bigint, 1], array[null::bigint, null], array['sync', 'sync'], array['m', 'm'], array['', ''],
           'test', 1, 60000, false, null)`,
        accounts,
      ),
    );
    await Promise.all([...traffic, schedule.round(new Date('2026-11-26T04:00:00Z'))]);
    const rows = await sql.query(`select status from account where id in (${accounts})`);
    expect(rows).toEqual([{ status: 'frozen' }, { status: 'frozen' }]);
  });

  it('make partitions as soon as who holds the table lets go', async () => {
    const { sql } = database;
    await sql.query(`drop table ${await partitionAhead(sql)}`);
    const { keeper } = parts(sql);
    let kept: Promise<void> | undefined;
    await sql.transaction(async (session) => {
      await session.query('lock table hold_default in access share mode');
      kept = keeper.keep();
      await session.query('select pg_sleep(0.8)');
    });
    await kept;
    expect(await sql.query(`select to_regclass($1) is not null as exists`, [await partitionAhead(sql)])).toEqual([
      { exists: true },
    ]);
  });
});

/** The service's own parts, and the topics they publish. */
function parts(sql: Sql) {
  const settings = parseSettings({ HUB_AUDIT_HOUR_UTC: '3' });
  const published: string[] = [];
  const redis = { publish: async (topic: string) => void published.push(topic) } as unknown as RedisService;
  const alerts = new Alerts(sql, new AlertDelivery(sql, new AlertWebhook(settings)));
  const schedule = new AuditSchedule(new Audit(sql), sql, redis, alerts, settings);
  return { schedule, published, keeper: new PartitionKeeper(sql, alerts) };
}

async function partitionAhead(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ part: string }>(
    `select 'hold' || to_char(date_trunc('month', now() at time zone 'UTC') + interval '2 months', '_YYYY_MM') as part`,
  );
  return row!.part;
}

function describeSchedule(open: () => Sql): void {
  let sql: Sql;
  let account: string;
  let day = 0;

  beforeEach(async () => {
    sql = open();
    account = await makeAccount(sql);
    await post(sql, 'grant', account, 1000n);
    day++;
  });
  afterEach(async () => {
    await sql.query('alter table entry disable trigger user');
    await sql.query('delete from usage_event');
    await sql.query('delete from hold');
    await sql.query('delete from entry');
    await sql.query(`update account set credits_posted = 0, debits_posted = 0, debits_pending = 0, used_posted = 0`);
    await sql.query('alter table entry enable trigger user');
    await sql.query('delete from alert');
  });

  /** A moment of this test's own night. */
  const at = (time: string) => new Date(`2027-01-${String(day).padStart(2, '0')}T${time}Z`);
  const alerts = (kind: string) =>
    sql.query<{ severity: string; subject: string; message: string; details: Record<string, unknown> }>(
      'select severity, subject, message, details from alert where kind = $1 order by id',
      [kind],
    );
  const status = async () => {
    const [row] = await sql.query<{ status: string }>('select status from account where id = $1', [account]);
    return row!.status;
  };

  it('are made once a night, from the hour of the setting on', async () => {
    const { schedule } = parts(sql);
    await schedule.round(at('02:59:00'));
    expect(await alerts('books_audit')).toEqual([]);
    await schedule.round(at('03:00:00'));
    await parts(sql).schedule.round(at('04:00:00'));
    const nights = await alerts('books_audit');
    expect(nights).toMatchObject([{ severity: 'info', message: expect.stringContaining('The books are in order') }]);
  });

  it('freeze the account whose books are wrong, alert, and tell all instances', async () => {
    await sql.query('update account set used_posted = 3 where id = $1', [account]);
    const { schedule, published } = parts(sql);
    await schedule.round(at('03:00:00'));
    expect(await status()).toBe('frozen');
    expect(published).toEqual([TOPIC_KEYS]);
    expect(await alerts('books_violation')).toMatchObject([
      {
        severity: 'critical',
        subject: `account:${account}`,
        message: `Invariant I16 does not hold (used_posted is settled and late less refunded): 1 row breaks it. Frozen now: account ${account}.`,
        details: {
          invariant: 'I16',
          badRows: 1,
          accountIds: [account],
          frozenAccountIds: [account],
          samples: [`account ${account}: used_posted is 3, entries say 0`],
        },
      },
    ]);
    expect(await alerts('books_audit')).toMatchObject([{ severity: 'critical', details: { violated: ['I16'] } }]);
  });

  it('see within a minute what the cheap invariants see, and say it once', async () => {
    const hold = await reserve(sql, account, { amount: 5n });
    await sql.query(`update hold set state = 'settled', settled = 9, closed_at = now() where id = $1`, [hold]);
    const { schedule, published } = parts(sql);
    await schedule.round(new Date());
    await schedule.round(new Date());
    expect(await status()).toBe('frozen');
    expect(published).toEqual([TOPIC_KEYS]);
    const found = (await alerts('books_violation')).filter(({ details }) => details['invariant'] === 'I8');
    expect(found).toHaveLength(1);
  });

  it('leave what they froze frozen, and what is closed closed', async () => {
    await sql.query(`update account set used_posted = 3, status = 'closed' where id = $1`, [account]);
    const { schedule, published } = parts(sql);
    await schedule.round(at('03:00:00'));
    expect(await status()).toBe('closed');
    await sql.query(`update account set used_posted = 0, status = 'frozen' where id = $1`, [account]);
    day++;
    await schedule.round(at('03:00:00'));
    expect(await status()).toBe('frozen');
    expect(published).toEqual([]);
  });

  it('report a hold past its lease when two rounds have seen it, and freeze nobody', async () => {
    const hold = await reserve(sql, account, { amount: 5n });
    await sql.query(`update hold set lease_until = now() - interval '31 s' where id = $1`, [hold]);
    const { schedule } = parts(sql);
    await schedule.round(at('00:00:00'));
    expect(await alerts('books_violation')).toEqual([]);
    await schedule.round(at('00:01:00'));
    expect(await alerts('books_violation')).toMatchObject([{ details: { invariant: 'I7', badRows: 1 } }]);
    expect(await status()).toBe('active');
  });

  it('are reported when they fail, and not tried again in the same night', async () => {
    const { schedule } = parts(sql);
    await sql.query('alter table redemption rename to redemption_away');
    try {
      await schedule.round(at('03:00:00'));
      await schedule.round(at('03:01:00'));
    } finally {
      await sql.query('alter table redemption_away rename to redemption');
    }
    expect(await alerts('books_audit')).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('The nightly audit failed') },
    ]);
  });

  it('keep partitions two months ahead', async () => {
    const part = await partitionAhead(sql);
    await sql.query(`drop table ${part}`);
    await parts(sql).keeper.keep();
    expect(await sql.query('select to_regclass($1) is not null as exists', [part])).toEqual([{ exists: true }]);
    expect(await alerts('partitions_low')).toEqual([]);
  });

  it('alert when a partition cannot be made, because its rows lie in the default one', async () => {
    const part = await partitionAhead(sql);
    await sql.query(`drop table ${part}`);
    await sql.query(
      `insert into hold (id, account_id, kind, amount, owner, epoch, lease_until, model)
       values (uuid7_floor(now() + interval '2 months'), $1, 'sync', 0, 'test', 1, now() + interval '1 min', 'gpt-4')`,
      [account],
    );
    const { keeper } = parts(sql);
    await keeper.keep();
    await keeper.keep();
    expect(await alerts('partitions_low')).toMatchObject([{ severity: 'critical', subject: 'database' }]);
    await sql.query('delete from hold_default');
    await keeper.keep();
    expect(await sql.query('select to_regclass($1) is not null as exists', [part])).toEqual([{ exists: true }]);
  });

  it.each(['entry', 'price_version'])('can rely on %s: it refuses update, delete and truncate', async (table) => {
    await sql.query(`insert into price_version (model_id, side, source) values ('m', 'selling', 'test')`);
    for (const text of [
      `update ${table} set created_at = now()`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ]) {
      await expect(sql.query(text)).rejects.toMatchObject({
        code: '23000',
        message: expect.stringMatching(/append-only/),
      });
    }
  });
}
