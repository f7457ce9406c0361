import { MikroORM } from '@mikro-orm/core';
import type { Settings } from '../config/settings.js';
import { DataDirLock } from '../database/data-dir-lock.js';
import { DatabaseUnavailableError } from '../database/database-error.js';
import { migratePostgres, nativeClient } from '../database/migrate.js';
import { postgresMigrationConfig } from '../database/orm-config.js';
import { type PgPool, PostgresSql } from '../database/postgres-sql.js';
import type { Sql } from '../database/sql.js';
import { openKeyring } from '../secrets/open-keyring.js';
import { readBooksDigest } from './books-digest.js';
import { CareError } from './care-error.js';
import { compareFigures, type FiguresComparison } from './compare-figures.js';
import { copyBooks } from './copy-books.js';
import { withEmbeddedFiles } from './embedded-files.js';
import { requireUnused } from './move-target.js';
import { requireDatabase, snapshotClosedDatabase, useSnapshot } from './snapshot.js';
import { readStoredTables } from './stored-tables.js';

/** What is moved where. */
export interface MoveOrder {
  readonly dataDir: string;
  /** postgres:// or postgresql://, of an empty database. */
  readonly targetUrl: string;
  /** HUB_MASTER_KEY, where it is set; else the key file is the master key. */
  readonly masterKey: Settings['masterKey'];
}

/**
 * Copies an installation from the embedded database into PostgreSQL, in one transaction that is committed only when the books
 * on both sides are the same. The data directory stays as it is, to the byte: a snapshot of it is read.
 *
 * @returns the books of both sides.
 * @throws CareError when there is nothing to move, the target is in use, or something fails half-way (the target then keeps
 * nothing but empty tables); MasterKeyError when the key is not the database's; DataDirInUseError when a hub runs;
 * DatabaseUnavailableError when the target cannot be reached.
 */
export async function moveToPostgres({ dataDir, targetUrl, masterKey }: MoveOrder): Promise<FiguresComparison> {
  await requireDatabase(dataDir);
  // Held to the end: what a hub would write meanwhile would be lost.
  const lock = DataDirLock.acquire(dataDir);
  try {
    return await useSnapshot(await snapshotClosedDatabase(dataDir), (folder) =>
      withEmbeddedFiles(folder, async ({ sql, migrate }) => {
        await migrate();
        // A database whose key is lost is of no use on PostgreSQL either.
        await openKeyring(sql, {
          masterKey,
          database: { url: undefined, dataDir: folder, poolMax: 1, ledgerPoolMax: 2 },
        });
        return withTarget(targetUrl, (target) => copyAndCompare(sql, target, targetUrl)).catch(refuse);
      }),
    );
  } finally {
    lock.release();
  }
}

async function copyAndCompare(source: Sql, target: Sql, targetUrl: string): Promise<FiguresComparison> {
  // Asked before its schema is touched: the database of a running hub is not upgraded by mistake.
  await target.transaction(async (session) => requireUnused(session, await readStoredTables(session)));
  await migratePostgres(targetUrl);
  const comparison = await source.transaction((from) =>
    target.transaction(async (to) => {
      await copyBooks(from, to);
      const compared = compareFigures(await readBooksDigest(from), await readBooksDigest(to));
      if (!compared.isSame)
        throw new CareError(`The copy differs from the original, and was not kept.\n${compared.table}`);
      return compared;
    }),
  );
  await target.query('analyze');
  return comparison;
}

/** Lends a connection without the time limits of a serving process: one statement may copy or read a whole table. */
async function withTarget<Result>(url: string, use: (target: Sql) => Promise<Result>): Promise<Result> {
  const orm = await MikroORM.init(postgresMigrationConfig(url));
  const pool = await nativeClient<PgPool>(orm);
  try {
    return await use(new PostgresSql(pool, url));
  } finally {
    await orm.close(true);
    // The ORM ends its pool only when a query went through the ORM.
    if (!pool.ending) await pool.end();
  }
}

/** Says what became of the move. The messages of the driver know no password. */
function refuse(error: unknown): never {
  if (error instanceof CareError) throw error;
  if (error instanceof DatabaseUnavailableError) {
    const reason = (error.cause as Error | undefined)?.message ?? error.message;
    throw new DatabaseUnavailableError(error, `Nothing was moved: the target database cannot be used (${reason}).`);
  }
  throw new CareError(`Nothing was moved: ${(error as Error).message}`, { cause: error });
}
