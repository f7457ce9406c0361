import type { SqlSession } from '../database/sql.js';
import type { AccountGroup } from './account-group.js';

interface Row {
  id: string;
  name: string;
  multiplier_millionths: string;
  models: string[] | null;
}

/** All account groups, by id. */
export async function loadGroups(session: SqlSession): Promise<ReadonlyMap<string, AccountGroup>> {
  const rows = await session.query<Row>(
    `select id, name, multiplier_millionths, models from account_group order by id`,
  );
  return new Map(rows.map((row) => [row.id, toGroup(row)]));
}

function toGroup(row: Row): AccountGroup {
  return Object.freeze({
    id: row.id,
    name: row.name,
    multiplierMillionths: BigInt(row.multiplier_millionths),
    models: row.models === null ? undefined : new Set(row.models),
  });
}
