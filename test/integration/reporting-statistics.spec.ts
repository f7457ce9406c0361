import { MikroORM } from '@mikro-orm/core';
import { Client } from 'pg';
import { Database } from '../../src/database/database.js';
import { postgresMigrationConfig } from '../../src/database/orm-config.js';
import type { SqlSession } from '../../src/database/sql.js';
import { readUsageTotals } from '../../src/reporting/read-usage.js';
import { addToHours, addToStatistics, MAIN_SUMS } from '../../src/usage/add-to-sums.js';
import { rebuildUsage } from '../../src/usage/rebuild-usage.js';
import { openMemoryDatabase } from '../support/database.js';
import { describeStatistics } from '../support/describe-statistics.js';
import { rollUpAll } from '../support/describe-usage.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { findUnsound } from '../support/sound-books.js';
import { Traffic } from '../support/traffic.js';

describe('statistics on the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    database = await openMemoryDatabase();
  });
  afterAll(() => database.close());
  describeStatistics(() => database);
});

describeWithPostgres('statistics on PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    // Its transactions hold up watermarks, and with them what a roll-up takes.
    server = await startPostgres({ settings: { autovacuum: 'off' } });
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
  });
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });
  describeStatistics(() => database);
});

describeWithPostgres('a database that had usage before it had statistics', () => {
  let server: PostgresServer;
  let database: Database | undefined;
  beforeAll(async () => {
    server = await startPostgres({ settings: { autovacuum: 'off' } });
  });
  afterEach(async () => {
    await database?.close();
    database = undefined;
  });
  afterAll(() => server?.stop());

  /** Usage of an older version, some of it in the sums that this version had. @returns where it is. */
  async function fillOlder(
    name: string,
    lastMigration: string,
    rollUp: (session: SqlSession, until: bigint) => Promise<unknown>,
  ): Promise<string> {
    const admin = new Client(server.url);
    await admin.connect();
    await admin.query(`create database ${name}`);
    await admin.end();
    const url = Object.assign(new URL(server.url), { pathname: name }).href;
    const orm = await MikroORM.init(postgresMigrationConfig(url));
    await orm.migrator.up({ to: lastMigration });
    await orm.close();
    const client = new Client(url);
    await client.connect();
    const session: SqlSession = {
      query: async (text, parameters) => (await client.query(text, [...(parameters ?? [])])).rows,
    };
    const traffic = await Traffic.of(session, 7);
    await traffic.add(300, new Date('2026-11-20T10:00:00Z'), 100);
    await forgetFailedTokens(session);
    const [state] = await session.query<{ until: string }>(
      `update usage_rollup_state set watermark = pg_snapshot_xmin(pg_current_snapshot()) returning watermark::text as until`,
    );
    await rollUp(session, BigInt(state?.until ?? 0));
    await traffic.add(50, new Date('2026-11-20T10:00:00Z'), 10);
    await forgetFailedTokens(session);
    await client.end();
    return url;
  }

  async function tables(sql: SqlSession): Promise<object[][]> {
    return [
      await sql.query('select * from usage_hour order by account_id, hour, key_id, model, channel_id, user_identifier'),
      await sql.query('select * from usage_day order by account_id, day, key_id, model, channel_id'),
      await sql.query('select * from usage_user_day order by account_id, day, user_identifier'),
      await sql.query('select * from usage_slice order by span, dimension, account_id, at, value'),
    ];
  }

  async function expectRebuiltTheSame(): Promise<void> {
    const { sql } = database!;
    expect((await findUnsound(sql)).filter((line) => line.startsWith('I14'))).toEqual([]);
    await rollUpAll(database!);
    const migrated = await tables(sql);
    expect((await findUnsound(sql)).filter((line) => line.startsWith('I14'))).toEqual([]);
    await rebuildUsage(sql);
    expect(await tables(sql)).toEqual(migrated);
    expect(migrated.map((rows) => rows.length > 50)).toEqual([true, true, true, true]);
  }

  it('gets them from its hours and events, as a rebuild would make them', async () => {
    const url = await fillOlder('hours', 'Migration20261126100001_webhook_rotation', (session, until) =>
      addToHours(session, 0n, until, MAIN_SUMS),
    );
    database = await Database.open({ url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
    await expectRebuiltTheSame();
  });

  it('gets the sums of sound, characters and searches from its events, and says until then that they are missing', async () => {
    const url = await fillOlder('passed', 'Migration20261128000000_passed_usage', async (session, until) => {
      await addToHours(session, 0n, until, MAIN_SUMS);
      await addToStatistics(session, 0n, until, MAIN_SUMS);
      await session.query('update usage_rollup_state set statistics_watermark = watermark');
    });
    database = await Database.open({ url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
    const scope = { from: new Date('2026-11-10T00:00:00Z'), to: new Date('2026-11-21T00:00:00Z') };
    const totals = () => database!.reports.snapshot((session) => readUsageTotals(session, scope));
    expect(await totals()).toMatchObject({ isComplete: false, figures: { audioMs: 0n, characters: 0n, searches: 0n } });
    await expectRebuiltTheSame();
    const [events] = await database.sql.query<Record<'sound' | 'characters' | 'searches', string>>(
      `select sum(audio_ms) as sound, sum(characters) as characters, sum(searches) as searches
         from usage_event where is_final or outcome = 'late'`,
    );
    expect(Number(events?.sound)).toBeGreaterThan(0);
    const { isComplete, figures } = await totals();
    expect({ isComplete, ...figures }).toMatchObject({
      isComplete: true,
      audioMs: BigInt(events!.sound),
      characters: BigInt(events!.characters),
      searches: BigInt(events!.searches),
    });
  });
});

/** Hubs of that time did not say what attempts had consumed that others replaced. */
async function forgetFailedTokens(session: SqlSession): Promise<void> {
  await session.query(
    `update usage_event set input_tokens = null, cached_input_tokens = null, cache_write_tokens = null, output_tokens = null,
            reasoning_tokens = null, images = null, video_ms = null
      where not is_final and outcome <> 'late'`,
  );
}
