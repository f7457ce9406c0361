import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataDirInUseError } from '../../src/database/data-dir-lock.js';
import { Database } from '../../src/database/database.js';
import { DatabaseUnavailableError } from '../../src/database/database-error.js';
import { MEMORY_DATABASE } from '../support/database.js';
import { describeSql } from '../support/describe-sql.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { quietNow } from '../support/quiet-clock.js';
import { until } from '../support/until.js';

describe('the embedded database', () => {
  let database: Database;
  beforeAll(async () => {
    // Made here, not copied as in other suites.
    database = await Database.open(MEMORY_DATABASE);
  });
  afterAll(() => database.close());

  describeSql(() => database);

  it('lets transactions wait for each other', async () => {
    const { sql } = database;
    await sql.query(`insert into account (id, name) values (500, 'counter')`);
    const add = () =>
      sql.transaction(async (session) => {
        const [row] = await session.query<{ n: string }>(`select credits_posted as n from account where id = 500`);
        await session.query(`update account set credits_posted = $1 where id = 500`, [BigInt(row?.n ?? 0) + 1n]);
      });
    await Promise.all(Array.from({ length: 20 }, add));
    expect(await sql.query(`select credits_posted as n from account where id = 500`)).toEqual([{ n: '20' }]);
  });
});

describe('the data directory', () => {
  it('belongs to one hub at a time, and is free again after it closed', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'hub-data-'));
    const settings = { url: undefined, dataDir, poolMax: 1, ledgerPoolMax: 2 };
    const first = await Database.open(settings);
    try {
      const refusal = await Database.open(settings).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(DataDirInUseError);
      expect(String(refusal)).toContain(`(pid ${process.pid}) is using ${dataDir}`);
      expect(await first.sql.query(`select current_setting('fsync') as fsync`)).toEqual([{ fsync: 'on' }]);
    } finally {
      await first.close();
    }
    const second = await Database.open(settings);
    await second.close();
    rmSync(dataDir, { recursive: true });
  });
});

describeWithPostgres('PostgreSQL', () => {
  let server: PostgresServer;
  let database: Database;
  const open = () => Database.open({ url: server.url, dataDir: 'unused', poolMax: 5, ledgerPoolMax: 2 });

  beforeAll(async () => {
    server = await startPostgres();
    // Several instances that start at once on an empty database: one migrates, the others wait for it.
    const [first, ...others] = await Promise.all([open(), open(), open()]);
    database = first as Database;
    await Promise.all(others.map((other) => other.close()));
  });
  afterAll(async () => {
    // Also when a server came up and the rest of the preparation failed: the suite must end.
    await database?.close();
    await server?.stop();
  });

  describeSql(() => database);

  // Idle ones would keep a command alive for half a minute after its work.
  it('is left without a connection by a database that was closed', async () => {
    const other = await open();
    const [backend] = await other.sql.query<{ pid: number }>('select pg_backend_pid() as pid');
    const isConnected = () => database.sql.query('select from pg_stat_activity where pid = $1', [backend!.pid]);
    expect(await isConnected()).toHaveLength(1);
    await other.close();
    await until(async () => (await isConnected()).length === 0);
  });

  it('runs a deadlocked transaction again', async () => {
    const { sql } = database;
    await sql.query(`insert into model (id) values ('left'), ('right')`);
    let bothHoldOne = 0;
    const lockBoth = (first: string, second: string) =>
      sql.transaction(async (session) => {
        await session.query(`set local deadlock_timeout = '20ms'`).catch(() => undefined);
        await session.query(`update model set updated_at = now() where id = $1`, [first]);
        bothHoldOne += 1;
        while (bothHoldOne < 2) await session.query('select 1');
        await session.query(`update model set updated_at = now() where id = $1`, [second]);
      });
    await Promise.all([lockBoth('left', 'right'), lockBoth('right', 'left')]);
    expect(bothHoldOne).toBeGreaterThan(2);
  });

  it('gives an error within its time limit while the server says nothing, and works again afterwards', async () => {
    // Both kinds of trouble: a connection that is open and falls silent, and ones that cannot be made.
    await database.sql.query('select 1');
    server.pause();
    const startedAt = quietNow();
    try {
      const results = await Promise.allSettled(Array.from({ length: 8 }, () => database.sql.query('select 1')));
      for (const result of results) {
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(DatabaseUnavailableError) });
      }
      expect(quietNow() - startedAt).toBeLessThan(4_000);
    } finally {
      server.resume();
    }
    expect(await database.sql.query('select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('is named by its setting when it cannot be reached at start, without the password', async () => {
    const url = 'postgres://hub:pass-word@127.0.0.1:1/hub';
    const error = await Database.open({ url, dataDir: 'unused', poolMax: 1, ledgerPoolMax: 2 }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(DatabaseUnavailableError);
    expect(String(error)).toContain('DATABASE_URL names cannot be used: connect ECONNREFUSED');
    expect(String(error)).not.toContain('pass-word');
  });

  it('lives through a crash of the server: errors while it is down, answers when it is back', async () => {
    await database.sql.query('select 1');
    await server.crash();
    await expect(database.sql.query('select 1')).rejects.toBeInstanceOf(DatabaseUnavailableError);
    await expect(database.sql.transaction((session) => session.query('select 1'))).rejects.toBeInstanceOf(
      DatabaseUnavailableError,
    );
    await server.restart();
    expect(await database.sql.query('select 1 as one')).toEqual([{ one: 1 }]);
  });
});
