import type { PGlite } from '@electric-sql/pglite';
import { MikroORM } from '@mikro-orm/core';
import { nativeClient } from '../database/migrate.js';
import { embeddedConfig } from '../database/orm-config.js';
import { PgliteSql } from '../database/pglite-sql.js';
import type { Sql } from '../database/sql.js';

/** The embedded database of a folder. */
export interface EmbeddedFiles {
  readonly sql: Sql;
  /** Brings its schema up to date; until then it is as it was. */
  migrate(): Promise<void>;
}

/** Opens the embedded database in a folder that the caller has to itself, and closes it again. */
export async function withEmbeddedFiles<Result>(
  folder: string,
  use: (files: EmbeddedFiles) => Promise<Result>,
): Promise<Result> {
  const orm = await MikroORM.init(embeddedConfig(folder));
  try {
    const sql = new PgliteSql(await nativeClient<PGlite>(orm));
    return await use({ sql, migrate: () => orm.migrator.up().then(() => undefined) });
  } finally {
    await orm.close();
  }
}
