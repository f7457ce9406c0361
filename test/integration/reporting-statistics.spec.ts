import { MikroORM } from '@mikro-orm/core';
import { Client } from 'pg';
import { Database } from '../../src/database/database.js';
import { postgresMigrationConfig } from '../../src/database/orm-config.js';
import type { SqlSession } from '../../src/database/sql.js';
import { addToHours } from '../../src/usage/add-to-sums.js';
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
    server = await startPostgres({ settings: { fsync: 'off' } });
    database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
  }, 60_000);
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
    server = await startPostgres({ settings: { fsync: 'off' } });
  }, 60_000);
  afterAll(async () => {
    await database?.close();
    await server?.stop();
  });

  it('gets them from its hours and events, as a rebuild would make them', async () => {
    const orm = await MikroORM.init(postgresMigrationConfig(server.url));
    await orm.migrator.up({ to: 'Migration20261126100001_webhook_rotation' });
    await orm.close();
    const client = new Client(server.url);
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
    await addToHours(session, 0n, BigInt(state?.until ?? 0));
    await traffic.add(50, new Date('2026-11-20T10:00:00Z'), 10);
    await forgetFailedTokens(session);
    await client.end();

    database = await Database.open({ url: server.url, dataDir: '', poolMax: 2, ledgerPoolMax: 2 });
    const { sql } = database;
    expect((await findUnsound(sql)).filter((line) => line.startsWith('I14'))).toEqual([]);
    const tables = async (): Promise<object[][]> => [
      await sql.query('select * from usage_day order by account_id, day, key_id, model, channel_id'),
      await sql.query('select * from usage_user_day order by account_id, day, user_identifier'),
      await sql.query('select * from usage_slice order by span, dimension, account_id, at, value'),
    ];
    await rollUpAll(database);
    const migrated = await tables();
    await rebuildUsage(sql);
    expect(await tables()).toEqual(migrated);
    expect(migrated.map((rows) => rows.length > 50)).toEqual([true, true, true]);
  }, 60_000);
});

/** Hubs of that time did not say what attempts had consumed that others replaced. */
async function forgetFailedTokens(session: SqlSession): Promise<void> {
  await session.query(
    `update usage_event set input_tokens = null, cached_input_tokens = null, cache_write_tokens = null, output_tokens = null,
            reasoning_tokens = null, images = null, video_ms = null
      where not is_final and outcome <> 'late'`,
  );
}
