import type { SqlSession } from './sql.js';

/** Makes the rest of the transaction the only one that changes channels, models, routes, prices or groups. */
export async function lockCatalog(session: SqlSession): Promise<void> {
  await session.query(`select id from hub_state where id = 1 for update`);
}

/** Tells all instances to load the catalogue again; in the transaction that changed it. */
export async function bumpCatalogVersion(session: SqlSession): Promise<void> {
  await session.query(`update hub_state set catalog_version = catalog_version + 1 where id = 1`);
}

/** Grows with every change of channels, models, routes, prices or groups. */
export async function readCatalogVersion(session: SqlSession): Promise<bigint> {
  const [row] = await session.query<{ version: string }>(
    `select catalog_version as version from hub_state where id = 1`,
  );
  if (row === undefined) throw new Error('The table hub_state has lost its row');
  return BigInt(row.version);
}
