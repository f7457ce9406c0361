import { Logger } from '@nestjs/common';
import { AlertDelivery } from '../../src/alerts/alert-delivery.js';
import { AlertWatcher } from '../../src/alerts/alert-watcher.js';
import { AlertWebhook } from '../../src/alerts/alert-webhook.js';
import { Alerts } from '../../src/alerts/alerts.service.js';
import { partitionsLow } from '../../src/alerts/rules/partitions-low.js';
import { parseSettings } from '../../src/config/parse-settings.js';
import { Database } from '../../src/database/database.js';
import type { Sql, SqlSession } from '../../src/database/sql.js';
import { openMemoryDatabase } from '../support/database.js';
import { makeAccount, makeKey, post, reserve, rollUp, settle } from '../support/ledger-calls.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { until } from '../support/until.js';

const DAY_MS = 86_400_000;
/** One credit. */
const CREDIT = 1_000_000_000n;

beforeAll(() => Logger.overrideLogger(false));

describe('the rules of alerts on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());
  describeRules(() => database.sql);
});

describeWithPostgres('the rules of alerts on PostgreSQL', () => {
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
  describeRules(() => database.sql);

  it('are looked at by one instance at a time', async () => {
    const { sql } = database;
    const account = await makeAccount(sql);
    await post(sql, 'grant', account, 5n);
    await sql.query('update account set low_balance_alert = 6 where id = $1', [account]);
    const look = () => watcherOf(sql).look();
    const alerts = () => sql.query(`select id from alert where subject = $1`, [`account:${account}`]);
    await sql.transaction(async (session) => {
      await session.query(`select pg_advisory_xact_lock(hashtextextended('hub:alerts:low_balance', 0))`);
      await look();
      expect(await alerts()).toEqual([]);
    });
    await Promise.all([look(), look(), look()]);
    expect(await alerts()).toHaveLength(1);
  });
});

function watcherOf(sql: Sql, env: Record<string, string> = {}): AlertWatcher {
  const settings = parseSettings(env);
  return new AlertWatcher(sql, settings, new Alerts(sql, new AlertDelivery(sql, new AlertWebhook(settings))));
}

function describeRules(open: () => Sql): void {
  let sql: Sql;
  let account: string;

  beforeEach(async () => {
    sql = open();
    account = await makeAccount(sql);
  });

  /** Looks once more, and gives what has been raised about the subject so far. */
  async function look(kind: string, subject = `account:${account}`, env: Record<string, string> = {}) {
    await watcherOf(sql, env).look();
    const rows = await sql.query<{ severity: string; message: string; details: Record<string, unknown> }>(
      `select severity, message, details from alert where kind = $1 and subject = $2 order by id`,
      [kind, subject],
    );
    return rows;
  }

  async function spend(amount: bigint, key?: string): Promise<string> {
    const hold = await reserve(sql, account, { amount, key });
    await settle(sql, account, hold, amount, key);
    return hold;
  }

  describe('low_balance', () => {
    it('is raised once each time the balance falls below the threshold of the account', async () => {
      await post(sql, 'grant', account, 3n * CREDIT);
      await sql.query('update account set low_balance_alert = $2 where id = $1', [account, 2n * CREDIT]);
      expect(await look('low_balance')).toEqual([]);
      await spend(CREDIT);
      expect(await look('low_balance')).toEqual([]);
      await spend(250_000_000n);
      const [first, ...others] = await look('low_balance');
      expect(others).toEqual([]);
      expect(first).toEqual({
        severity: 'warning',
        message: `Account ${account} has 1.75 credits left, less than 2.`,
        details: { accountId: account, balanceNanoCredits: '1750000000', thresholdNanoCredits: '2000000000' },
      });
      await spend(CREDIT);
      await post(sql, 'grant', account, 1n);
      expect(await look('low_balance')).toHaveLength(1);
      await post(sql, 'grant', account, 2n * CREDIT);
      expect(await look('low_balance')).toHaveLength(1);
      await spend(CREDIT);
      expect(await look('low_balance')).toHaveLength(2);
      expect(await look('low_balance')).toHaveLength(2);
    });

    it('does not count open holds', async () => {
      await post(sql, 'grant', account, 2n * CREDIT);
      await sql.query('update account set low_balance_alert = $2 where id = $1', [account, 2n * CREDIT]);
      await reserve(sql, account, { amount: CREDIT });
      expect(await look('low_balance')).toEqual([]);
    });

    it('falls back to the threshold of the hub, and leaves accounts alone that never had anything', async () => {
      const env = { HUB_LOW_BALANCE_UNITS: '1000' };
      expect(await look('low_balance', undefined, env)).toEqual([]);
      await post(sql, 'grant', account, CREDIT - 1n);
      expect(await look('low_balance')).toEqual([]);
      await sql.query('update account set low_balance_alert = 0 where id = $1', [account]);
      expect(await look('low_balance', undefined, env)).toEqual([]);
      await sql.query('update account set low_balance_alert = null where id = $1', [account]);
      expect(await look('low_balance', undefined, env)).toMatchObject([
        { message: `Account ${account} has 0.999999999 credits left, less than 1.` },
      ]);
    });
  });

  describe('spend_threshold', () => {
    it('is raised once a day, from sums by hour and what is not in them yet', async () => {
      // All of it must lie in one day of UTC.
      await until(() => DAY_MS - (Date.now() % DAY_MS) > 15_000);
      await post(sql, 'grant', account, 10n * CREDIT);
      await sql.query('update account set daily_spend_alert = $2 where id = $1', [account, 2n * CREDIT]);
      await spend(CREDIT);
      await rollUp(sql);
      await spend(CREDIT - 1n);
      expect(await look('spend_threshold')).toEqual([]);
      await spend(1n);
      const day = new Date().toISOString().slice(0, 10);
      expect(await look('spend_threshold')).toEqual([
        {
          severity: 'warning',
          message: `Account ${account} has spent 2 credits on ${day} (UTC), its threshold is 2.`,
          details: { accountId: account, day, spentNanoCredits: '2000000000', thresholdNanoCredits: '2000000000' },
        },
      ]);
      await spend(CREDIT);
      await rollUp(sql);
      expect(await look('spend_threshold')).toHaveLength(1);
    });

    it('does not count yesterday', async () => {
      await post(sql, 'grant', account, 10n * CREDIT);
      await sql.query('update account set daily_spend_alert = 1 where id = $1', [account]);
      const hold = await spend(CREDIT);
      await sql.query(`update usage_event set created_at = now() - interval '1 day' where hold_id = $1`, [hold]);
      expect(await look('spend_threshold')).toEqual([]);
      await rollUp(sql);
      expect(await look('spend_threshold')).toEqual([]);
    });
  });

  describe('key_budget', () => {
    it('is raised at 80 % and at 100 %, once each in every period', async () => {
      await post(sql, 'grant', account, 10n * CREDIT);
      const key = await makeKey(sql, account, CREDIT);
      await spend(799_999_999n, key);
      expect(await look('key_budget', `key:${key}`)).toEqual([]);
      await spend(1n, key);
      expect(await look('key_budget', `key:${key}`)).toMatchObject([
        {
          severity: 'info',
          message: `API key ${key} has used 0.8 credits, 80 % of its budget (total) of 1.`,
          details: { keyId: key, accountId: account, percent: 80, usedNanoCredits: '800000000' },
        },
      ]);
      await spend(200_000_000n, key);
      expect(await look('key_budget', `key:${key}`)).toHaveLength(2);
      expect(await look('key_budget', `key:${key}`)).toMatchObject([
        {},
        { severity: 'warning', details: { percent: 100 } },
      ]);
      await sql.query(`update key_budget set period_start = now() where key_id = $1`, [key]);
      expect(await look('key_budget', `key:${key}`)).toHaveLength(4);
    });
  });

  describe('loss', () => {
    it('is raised for what is new, summed by account', async () => {
      await post(sql, 'grant', account, 100n);
      const lose = async (amount: bigint) => {
        await post(sql, 'grant', account, 1n);
        const hold = await reserve(sql, account, { amount: 1n });
        const [row] = await sql.query<{ room: string }>(
          'select credits_posted - debits_posted - debits_pending as room from account where id = $1',
          [account],
        );
        await settle(sql, account, hold, 1n + BigInt(row!.room) + amount);
      };
      await lose(30n);
      await lose(5n);
      expect(await look('loss')).toMatchObject([
        { details: { accountId: account, lossNanoCredits: '35', requests: 2 } },
      ]);
      expect(await look('loss')).toHaveLength(1);
      await lose(7n);
      expect(await look('loss')).toMatchObject([{}, { details: { lossNanoCredits: '7', requests: 1 } }]);
    });
  });

  describe('partitions_low', () => {
    const open = () => look('partitions_low', 'database');

    it('is raised once while a partition is missing, and again the next time', async () => {
      expect(await open()).toEqual([]);
      const [last] = await sql.query<{ part: string }>(
        `select 'usage_event' || to_char(date_trunc('month', (now() - interval '1 day') at time zone 'UTC') + interval '2 months', '_YYYY_MM') as part`,
      );
      for (const times of [1, 2]) {
        await sql.query(`drop table ${last!.part}`);
        await open();
        const alerts = await open();
        expect(alerts).toHaveLength(times);
        expect(alerts.at(-1)).toMatchObject({ details: { missing: [last!.part], filledDefaults: [] } });
        await sql.query('select ensure_partitions(2)');
        expect(await open()).toHaveLength(times);
      }
    });

    it('is not raised on the first of a month for the one before, in which the database was not there', async () => {
      const firstOfMonth = `((date_trunc('month', now() at time zone 'UTC') + interval '1 hour') at time zone 'UTC')`;
      const then: SqlSession = {
        query: (text, parameters) => sql.query(text.replaceAll('now()', firstOfMonth), parameters),
      };
      expect(await partitionsLow.find(then, parseSettings({}))).toEqual([]);
    });

    it('is raised while rows lie in a default partition', async () => {
      const before = await open();
      await sql.query(
        `insert into hold (id, account_id, kind, amount, owner, epoch, lease_until, model)
         values (uuid7_floor('2099-05-01'), $1, 'sync', 0, 'test', 1, now() + interval '1 min', 'gpt-4')`,
        [account],
      );
      expect((await open()).slice(before.length)).toMatchObject([
        { message: 'Rows lie in hold_default.', details: { missing: [], filledDefaults: ['hold_default'] } },
      ]);
      await sql.query('delete from hold_default');
    });
  });
}
