import { Logger } from '@nestjs/common';
import { Pool } from 'pg';
import type { PgPool } from './postgres-sql.js';

/** A pool for one purpose, beside the application's own. */
export interface PoolOptions {
  /** As the database's list of sessions shows it. */
  readonly applicationName: string;
  readonly connectionsMax: number;
  /** The server stops a longer statement. */
  readonly statementTimeoutMs: number;
  /** The client gives up on a server that says nothing; its connection is destroyed. */
  readonly queryTimeoutMs: number;
  /** The server refuses a statement that waits longer for a row. Default: as long as the statement may run. */
  readonly lockTimeoutMs?: number;
}

const CONNECTION_TIMEOUT_MS = 2_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 5_000;

/** Opens a pool on PostgreSQL; it connects when it is used. */
export function openPool(url: string, options: PoolOptions): PgPool {
  const pool = new Pool({
    connectionString: url,
    application_name: options.applicationName,
    max: options.connectionsMax,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    query_timeout: options.queryTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
  });
  const logger = new Logger('Database');
  // An idle connection that the server closed: the pool has let go of it already, and without a listener it would end the process.
  pool.on('error', (error) =>
    logger.warn(`An idle connection (${options.applicationName}) was lost: ${error.message}`),
  );
  // The same at work: its statement throws, but the pool listens only while a connection is idle.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool as unknown as PgPool;
}
