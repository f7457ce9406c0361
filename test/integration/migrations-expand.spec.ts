import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MikroORM } from '@mikro-orm/core';
import { Client } from 'pg';
import { uuid7Hex } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.js';
import { migratePostgres } from '../../src/database/migrate.js';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { postgresMigrationConfig } from '../../src/database/orm-config.js';
import type { Reservation, Settlement } from '../../src/quota/core/ledger-store.js';
import { SqlLedgerStore } from '../../src/quota/sql-ledger-store.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

/**
 * What the first version with books calls, frozen: never edit it. While hubs are replaced one by one it runs beside the next
 * version on a schema that the next version has migrated, so a migration may add, but not take away or change. A parameter with
 * a default belongs into a function of a new name: as an overload it makes these calls ambiguous.
 */
const VERSION_1 = {
  lastMigration: 'Migration20261126000002_ledger_settle',
  reserve: `select codes, amounts from ledger_reserve($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
    $6::bigint[], $7::text[], $8::text[], $9::text[], $10, $11, $12, $13, $14::jsonb, $15)`,
  extend: 'select code, amount from ledger_extend($1, $2, $3, $4, $5)',
  settle: 'select ledger_settle($1::uuid[], $2::bigint[], $3::bigint[], $4::jsonb, $5::jsonb, $6::uuid[], $7) as codes',
  settleSlow: 'select code, charged, lost from ledger_settle_slow($1, $2, $3, $4::jsonb, $5::jsonb, $6::uuid[], $7)',
  heartbeat: 'select id::text from ledger_heartbeat($1, $2, $3::uuid[], $4::bigint[], $5, $6) id',
  sweep: 'select id::text, account_id, amount, settled, kind from ledger_sweep($1, $2)',
  post: 'select code, entry_id from ledger_post($1, $2, $3, $4, $5, $6)',
} as const;

/** A hub of the first version, as far as the ledger sees it. */
class OldHub {
  constructor(private readonly client: Client) {}

  private async call<Row extends object>(
    name: Exclude<keyof typeof VERSION_1, 'lastMigration'>,
    values: unknown[],
  ): Promise<Row[]> {
    return (await this.client.query<Row>(VERSION_1[name], values)).rows;
  }

  async grant(account: string, amount: bigint): Promise<void> {
    const [row] = await this.call<{ code: number }>('post', [
      'grant',
      account,
      amount,
      uuid7Hex(Date.now()),
      'old',
      null,
    ]);
    expect(row?.code).toBe(1);
  }

  async reserve(account: string, amount: bigint, leaseMs = 60_000): Promise<string> {
    const id = uuid7Hex(Date.now());
    const one = [[id], [account], [null], [amount], [amount], [null], ['stream'], ['gpt-4'], ['']];
    const [row] = await this.call<{ codes: number[] }>('reserve', [...one, 'old', 1, leaseMs, false, null, null]);
    expect(row?.codes).toEqual([1]);
    return id;
  }

  async extend(id: string, account: string, from: bigint, extra: bigint): Promise<void> {
    const [row] = await this.call<{ code: number; amount: string }>('extend', [id, account, from, extra, null]);
    expect(row).toEqual({ code: 1, amount: String(from + extra) });
  }

  async beat(id: string, metered: bigint, leaseMs = 60_000): Promise<void> {
    expect(await this.call('heartbeat', ['old', 1, [id], [metered], leaseMs, null])).toEqual([]);
  }

  async sweep(): Promise<string[]> {
    return (await this.call<{ id: string }>('sweep', [500, null])).map(({ id }) => id.replaceAll('-', ''));
  }

  async settle(id: string, account: string, cost: bigint): Promise<void> {
    const values = [[id], [account], [cost], eventsOf(id, account, cost), null, [], null];
    const [row] = await this.call<{ codes: number[] }>('settle', values);
    expect(row?.codes).toEqual([1]);
  }

  async settleSlow(id: string, account: string, cost: bigint, charged = cost): Promise<void> {
    const values = [id, account, cost, eventsOf(id, account, cost), null, [], null];
    const [row] = await this.call<{ code: number; charged: string }>('settleSlow', values);
    expect(row).toMatchObject({ code: 1, charged: String(charged) });
  }

  /** One request of each kind; what a hub does all day. */
  async work(account: string): Promise<void> {
    const plain = await this.reserve(account, 100n);
    await this.settle(plain, account, 60n);
    const long = await this.reserve(account, 100n);
    await this.extend(long, account, 100n, 50n);
    await this.beat(long, 120n);
    await this.settle(long, account, 0n);
    const above = await this.reserve(account, 10n);
    await this.settleSlow(above, account, 25n);
    await this.sweep();
  }
}

function eventsOf(id: string, account: string, cost: bigint): string {
  return JSON.stringify([
    {
      hold_id: id,
      attempt: 1,
      is_final: true,
      account_id: account,
      key_id: null,
      channel_id: null,
      price_version_id: null,
      model: 'gpt-4',
      upstream_model: 'gpt-4',
      endpoint: 'chat',
      user_identifier: '',
      outcome: 'done',
      error_code: null,
      estimated: false,
      input_tokens: 1,
      output_tokens: 1,
      duration_ms: 1,
      cost: String(cost),
      loss: '0',
    },
  ]);
}

/** What hubs of every version read all day: keys, accounts and groups, models, channels, and the catalogue's version. */
const READS = ['account', 'account_group', 'api_key', 'channel', 'hub_state', 'key_budget', 'model', 'route'];

describeWithPostgres('a migration that takes long', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  // T041
  it('holds up nobody who reads what an earlier one has changed, or what it makes indexes on', async () => {
    const orm = await MikroORM.init(postgresMigrationConfig(postgres.url));
    await orm.migrator.up({ to: 'Migration20261126100001_webhook_rotation' });
    await orm.close();
    const [report, writer, hub] = [new Client(postgres.url), new Client(postgres.url), new Client(postgres.url)];
    await Promise.all([report.connect(), writer.connect(), hub.connect()]);
    await hub.query(`set statement_timeout = '2s'`);
    const untilWaitingFor = (table: string): Promise<boolean> =>
      until(async () => {
        const { rows } = await hub.query('select from pg_locks where not granted and relation = $1::regclass', [table]);
        return rows.length > 0;
      });
    const held: string[] = [];
    const read = (table: string) => hub.query(`select from ${table} limit 1`).catch(() => held.push(table));
    // The statistics wait for these two transactions, as they would take minutes with many events.
    await report.query('begin');
    await report.query('lock table usage_rollup_state in access share mode');
    await writer.query('begin');
    await writer.query('lock table entry in row exclusive mode');
    const migrating = migratePostgres(postgres.url);
    await untilWaitingFor('usage_rollup_state');
    for (const table of READS) await read(table);
    await report.query('commit');
    await untilWaitingFor('entry');
    for (const table of ['usage_event', 'hold', 'entry']) await read(table);
    await writer.query('commit');
    await migrating;
    await Promise.all([report.end(), writer.end(), hub.end()]);
    expect(held).toEqual([]);
  }, 120_000);
});

describeWithPostgres('a hub of the first version', () => {
  let postgres: PostgresServer;
  let client: Client;
  let old: OldHub;
  let database: Database | undefined;
  let account: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    const orm = await MikroORM.init(postgresMigrationConfig(postgres.url));
    await orm.migrator.up({ to: VERSION_1.lastMigration });
    await orm.close();
    client = new Client(postgres.url);
    await client.connect();
    old = new OldHub(client);
    account = (await client.query(`insert into account (name) values ('old') returning id`)).rows[0].id;
    await old.grant(account, 1_000_000n);
  });
  afterAll(async () => {
    await client?.end();
    await database?.close();
    await postgres?.stop();
  });

  // T041
  it('works on while a later one migrates the database beneath it', async () => {
    let rounds = 0;
    let isOver = false;
    const working = (async () => {
      for (; !isOver; rounds++) await old.work(account);
    })();
    await until(() => rounds > 3);
    database = await Database.open({ url: postgres.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
    const before = rounds;
    await Promise.race([working, until(() => rounds > before + 3)]);
    isOver = true;
    await working;
    const [applied] = await database.sql.query<{ count: number }>(
      'select count(*)::int as count from mikro_orm_migrations',
    );
    expect(applied?.count).toBe(MIGRATIONS.length);
    expect(await findUnsound(database.sql)).toEqual([]);
  });

  describe('and a later one', () => {
    const later = () => new SqlLedgerStore(database!.ledgerSql, { name: 'later', epoch: 1n, leaseMs: 60_000 });
    const reservation = (): Reservation => ({
      holdId: uuid7Hex(Date.now()),
      accountId: account,
      keyId: null,
      kind: 'sync',
      amount: 100n,
      minimum: 100n,
      priceVersionId: null,
      model: 'gpt-4',
      userIdentifier: '',
    });
    const settlement = (holdId: string, cost: bigint): Settlement => {
      const event = { attempt: 1, isFinal: true, keyId: null, model: 'gpt-4', endpoint: 'chat', userIdentifier: '' };
      return { holdId, accountId: account, cost, events: [{ ...event, outcome: 'done', durationMs: 1, cost }] };
    };
    const settledOf = async (holdId: string): Promise<string | undefined> =>
      (await client.query<{ settled: string }>('select settled from hold where id = $1', [holdId])).rows[0]?.settled;

    // T041
    it("settle each other's holds", async () => {
      const first = await old.reserve(account, 100n);
      expect(await later().settle([settlement(first, 70n)])).toEqual(['closed']);
      const wanted = reservation();
      expect(await later().reserve([wanted], false)).toEqual([{ status: 'held', amount: 100n }]);
      await old.settle(wanted.holdId, account, 80n);
      expect([await settledOf(first), await settledOf(wanted.holdId)]).toEqual(['70', '80']);
      expect(await later().settle([settlement(wanted.holdId, 90n)])).toEqual(['closed_before']);
    });

    it("sweep each other's holds, and settle late what the other has swept", async () => {
      const first = await old.reserve(account, 100n, 1);
      await old.beat(first, 30n, 1);
      await until(async () => (await later().sweep(500)).some(({ holdId }) => holdId === first));
      // What it was swept at has been charged before.
      await old.settleSlow(first, account, 70n, 40n);
      const wanted = reservation();
      await new SqlLedgerStore(database!.ledgerSql, { name: 'later', epoch: 1n, leaseMs: 1 }).reserve([wanted], false);
      await until(async () => (await old.sweep()).includes(wanted.holdId));
      expect(await later().settleSlow(settlement(wanted.holdId, 50n))).toMatchObject({
        status: 'closed',
        charged: 50n,
      });
      expect([await settledOf(first), await settledOf(wanted.holdId)]).toEqual(['70', '50']);
      expect(await findUnsound(database!.sql)).toEqual([]);
    });
  });
});
