import type { PGlite } from '@electric-sql/pglite';
import { MikroORM } from '@mikro-orm/core';
import { MEMORY_DATA_DIR } from '../config/parse-settings.js';
import type { Settings } from '../config/settings.js';
import { DataDirLock } from './data-dir-lock.js';
import { DatabaseUnavailableError, toDatabaseError } from './database-error.js';
import { migratePostgres, nativeClient } from './migrate.js';
import { openPool } from './open-pool.js';
import { embeddedConfig, postgresConfig } from './orm-config.js';
import { PgliteSql } from './pglite-sql.js';
import { type PgPool, PostgresSql } from './postgres-sql.js';
import { Reports } from './reports.js';
import { openReportsPool } from './reports-pool.js';
import type { Sql } from './sql.js';

/** The ledger's statements are short: one that waits holds up a whole batch of requests. */
const LEDGER_POOL = {
  applicationName: 'ug-ai-hub ledger',
  statementTimeoutMs: 3_000,
  queryTimeoutMs: 4_000,
  lockTimeoutMs: 250,
};
const ADMIN_CONNECTIONS_DEFAULT = 4;
/** The admin API's: a page that takes longer helps nobody, and two administrators that edit one row wait for each other. */
const ADMIN_POOL = {
  applicationName: 'ug-ai-hub admin',
  statementTimeoutMs: 5_000,
  queryTimeoutMs: 6_000,
  lockTimeoutMs: 2_000,
};
/** Rows that a report may read on the embedded database, where it holds up everything else: some tens of milliseconds. */
const EMBEDDED_REPORT_ROWS_MAX = 50_000;

/** How the connections of one purpose are used. */
export interface PoolUse {
  /** `main`, `ledger`, `admin` or `reports`. */
  readonly name: string;
  readonly inUse: number;
  readonly idle: number;
  /** Statements that wait for a connection. */
  readonly waiting: number;
}

/** The open database of this process. */
export class Database {
  private constructor(
    readonly orm: MikroORM,
    readonly sql: Sql,
    /** For the ledger alone: a small pool whose statements give up soon. On the embedded database the same as {@link sql}. */
    readonly ledgerSql: Sql,
    /** For the admin API alone; see {@link ADMIN_SQL}. */
    readonly adminSql: Sql,
    readonly reports: Reports,
    private readonly pools: Readonly<Record<string, PgPool>>,
    private readonly afterClose: () => Promise<void> | void,
  ) {}

  /**
   * Opens the database and brings its schema up to date: PostgreSQL when there is a URL, else the embedded one, whose data
   * directory is locked first.
   *
   * @param image what an embedded database in memory starts with: the tar that PGlite made of another; default: nothing.
   * @throws DataDirInUseError when another process has the data directory; DatabaseUnavailableError when PostgreSQL cannot
   * be reached or refuses.
   */
  static async open(settings: Settings['database'], image?: Blob): Promise<Database> {
    if (settings.url !== undefined) {
      await migratePostgres(settings.url).catch(refuseStart);
      const orm = await MikroORM.init(postgresConfig(settings.url, settings.poolMax));
      const pool = await nativeClient<PgPool>(orm);
      const { url, ledgerPoolMax, adminPoolMax = ADMIN_CONNECTIONS_DEFAULT } = settings;
      const ledgerPool = openPool(url, { ...LEDGER_POOL, connectionsMax: ledgerPoolMax });
      const adminPool = openPool(url, { ...ADMIN_POOL, connectionsMax: adminPoolMax });
      const reports = openReportsPool(url);
      return new Database(
        orm,
        new PostgresSql(pool, url),
        new PostgresSql(ledgerPool, url),
        new PostgresSql(adminPool, url),
        new Reports(new PostgresSql(reports.pool, url), reports),
        { main: pool, ledger: ledgerPool, admin: adminPool, reports: reports.pool },
        async () => {
          await Promise.all([end(pool), ledgerPool.end(), adminPool.end(), reports.pool.end()]);
        },
      );
    }
    const lock = settings.dataDir === MEMORY_DATA_DIR ? undefined : DataDirLock.acquire(settings.dataDir);
    try {
      const orm = await MikroORM.init(embeddedConfig(settings.dataDir, image));
      await orm.migrator.up();
      const sql = new PgliteSql(await nativeClient<PGlite>(orm));
      const reports = new Reports(sql, { rowsMax: EMBEDDED_REPORT_ROWS_MAX, isFull: () => false });
      return new Database(orm, sql, sql, sql, reports, {}, () => lock?.release());
    } catch (error) {
      lock?.release();
      throw error;
    }
  }

  /** The pools at this moment; none on the embedded database, which has one connection. */
  get poolUses(): readonly PoolUse[] {
    return Object.entries(this.pools).map(([name, { totalCount, idleCount, waitingCount }]) => ({
      name,
      inUse: totalCount - idleCount,
      idle: idleCount,
      waiting: waitingCount,
    }));
  }

  /** Waits for running statements, then closes connections and gives the data directory free. */
  async close(): Promise<void> {
    await this.orm.close();
    await this.afterClose();
  }
}

/** The ORM ends its pool only when a query went through the ORM; left open, idle connections keep a process alive. */
async function end(pool: PgPool): Promise<void> {
  if (!pool.ending) await pool.end();
}

/** Says which setting leads to a server that cannot be used, and what the driver said; it knows no password. */
function refuseStart(error: unknown): never {
  const known = toDatabaseError(error);
  if (!(known instanceof DatabaseUnavailableError)) throw known;
  const reason = (error as Error).message;
  throw new DatabaseUnavailableError(error, `The database that DATABASE_URL names cannot be used: ${reason}`);
}
