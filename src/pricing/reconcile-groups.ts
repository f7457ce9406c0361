import type { SqlSession } from '../database/sql.js';
import type { DeclaredGroup } from './account-group.js';
import { MULTIPLIER_ONE } from './cost-of.js';
import { parseMultiplier } from './parse-multiplier.js';

/**
 * Makes the declared groups exist as they are declared. One that is declared no longer stays as it is, since accounts may
 * be in it, and is the operator's own from then on.
 *
 * @returns true when a row was changed.
 */
export async function reconcileGroups(session: SqlSession, wanted: readonly DeclaredGroup[]): Promise<boolean> {
  const released = await session.query(
    `update account_group set managed_by = null, updated_at = now()
      where managed_by = 'config' and name <> all ($1::text[]) returning id`,
    [wanted.map((group) => group.id)],
  );
  let isChanged = released.length > 0;
  for (const group of wanted) isChanged = (await writeGroup(session, group)) || isChanged;
  return isChanged;
}

async function writeGroup(session: SqlSession, { id, multiplier, models }: DeclaredGroup): Promise<boolean> {
  const millionths = multiplier === undefined ? MULTIPLIER_ONE : parseMultiplier(multiplier);
  const written = await session.query(
    `insert into account_group as g (name, multiplier_millionths, models, managed_by) values ($1, $2, $3::text[], 'config')
     on conflict (name) do update set multiplier_millionths = excluded.multiplier_millionths, models = excluded.models,
       managed_by = 'config', updated_at = now()
      where (g.multiplier_millionths, g.models, g.managed_by) is distinct from
            (excluded.multiplier_millionths, excluded.models, excluded.managed_by)
     returning id`,
    [id, millionths, models ?? null],
  );
  return written.length > 0;
}
