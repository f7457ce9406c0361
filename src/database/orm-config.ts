import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type Options, UnderscoreNamingStrategy } from '@mikro-orm/core';
import { Migrator } from '@mikro-orm/migrations';
import { PgliteDriver } from '@mikro-orm/pglite';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { Logger } from '@nestjs/common';
import { MEMORY_DATA_DIR } from '../config/parse-settings.js';
import { ENTITIES } from './entities.js';
import { MIGRATIONS } from './migrations.js';

/** Time to a connection, made or handed over by the pool. A database that is away gives an error after this, never a hang. */
const CONNECTION_TIMEOUT_MS = 3_000;
/** The server stops a statement first, with an error that says so; the client gives up on a server that says nothing. */
const STATEMENT_TIMEOUT_MS = 2_500;
const QUERY_TIMEOUT_MS = 3_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5_000;

function common(): Partial<Options> {
  const logger = new Logger('Database');
  return {
    entities: ENTITIES,
    extensions: [Migrator],
    namingStrategy: UnderscoreNamingStrategy,
    // Classes, not a folder: the same from source, build output and tests.
    migrations: {
      migrationsList: MIGRATIONS.map((migration) => ({ name: migration.name, class: migration })),
      snapshot: false,
      silent: true,
      // Each in its own transaction: in one for all, the short locks of the first, on what every request reads, would last
      // until the longest has filled its tables.
      allOrNothing: false,
    },
    ensureDatabase: false,
    logger: (message) => logger.warn(message),
    colors: false,
  };
}

/** The ORM on PostgreSQL, with the time limits of a serving process. */
export function postgresConfig(url: string, poolMax: number): Partial<Options> {
  return {
    ...common(),
    ...postgresAddress(url),
    pool: { min: 0, max: poolMax, idleTimeoutMillis: 30_000 },
    driverOptions: {
      connectionString: url,
      application_name: 'ug-ai-hub',
      keepAlive: true,
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    },
  };
}

/** The ORM on PostgreSQL for migrations, whose statements may take long; one connection holds the lock, one works. */
export function postgresMigrationConfig(url: string): Partial<Options> {
  return {
    ...common(),
    ...postgresAddress(url),
    pool: { min: 0, max: 2 },
    driverOptions: {
      connectionString: url,
      application_name: 'ug-ai-hub migrations',
      connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    },
  };
}

/** The ORM reads only host, port, user and database of the URL; `connectionString` hands pg the rest, such as `sslmode`. */
function postgresAddress(url: string): Partial<Options> {
  return { driver: PostgreSqlDriver, clientUrl: url };
}

/**
 * The ORM on the embedded database. Without `-F`, which PGlite gives PostgreSQL by itself and which turns fsync off, an
 * acknowledged write also survives a power cut.
 *
 * @param image what a database in memory starts with, see `loadDataDir` of PGlite.
 */
export function embeddedConfig(dataDir: string, image?: Blob): Partial<Options> {
  const startParams = [
    ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
    // Opening files that were not shut down, PostgreSQL would start a timer for its progress messages, and PGlite leaves it
    // running: a command would never end.
    ...['-c', 'log_startup_progress_interval=0'],
  ];
  const parsers = { 20: (text: string) => text };
  if (dataDir === MEMORY_DATA_DIR) {
    // A function, since the ORM copies an object and everything in it.
    const driverOptions = () => ({ startParams, parsers, ...(image !== undefined && { loadDataDir: image }) });
    return { ...common(), driver: PgliteDriver, dbName: MEMORY_DATA_DIR, driverOptions };
  }
  return {
    ...common(),
    driver: PgliteDriver,
    dbName: 'postgres',
    driverOptions: { dataDir: join(dataDir, 'pg'), startParams, parsers },
  };
}
