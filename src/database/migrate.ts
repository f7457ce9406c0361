import { MikroORM } from '@mikro-orm/core';
import { postgresMigrationConfig } from './orm-config.js';
import type { PgPool } from './postgres-sql.js';

/** Any number that nothing else in the database locks: the ASCII codes of `hub`. */
const MIGRATION_LOCK = 0x68_75_62;

/**
 * Brings a PostgreSQL schema up to date. Instances that start together take turns, so that each change runs once; the lock
 * belongs to a connection, so a process that dies in the middle gives it back.
 */
export async function migratePostgres(url: string): Promise<void> {
  const orm = await MikroORM.init(postgresMigrationConfig(url));
  try {
    await orm.connect();
    const pool: PgPool = await nativeClient(orm);
    const client = await pool.connect();
    try {
      await client.query(`select pg_advisory_lock(${MIGRATION_LOCK})`);
      await orm.migrator.up();
    } finally {
      client.release(true);
    }
  } finally {
    await orm.close(true);
  }
}

/** The driver's own client: the pool of `pg`, or the PGlite instance. */
export async function nativeClient<Client>(orm: MikroORM): Promise<Client> {
  return orm.em.getDriver().getConnection().getNativeClient() as Promise<Client>;
}
