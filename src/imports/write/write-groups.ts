import { isDeepStrictEqual } from 'node:util';
import type { SqlSession } from '../../database/sql.js';
import { loadGroups } from '../../pricing/load-groups.js';
import type { PlannedGroup } from '../plan/import-plan.js';
import { uniqueName, type WriteContext, type WriteCount } from './write-context.js';

const NAME_CHARS_MAX = 64;

/**
 * Groups of the plan to account groups. One that is there under this name is used when it says the same; otherwise the
 * imported one gets another name, since what its members pay must be what they paid.
 */
export async function writeGroups({ session, plan, label, origins, notes }: WriteContext): Promise<WriteCount> {
  const stored = await loadGroups(session);
  const byName = new Map([...stored.values()].map((group) => [group.name, group]));
  const taken = new Set(byName.keys());
  let made = 0;
  for (const group of plan.groups) {
    if (origins.find('group', group.name) !== undefined) continue;
    const same = byName.get(group.name);
    if (same !== undefined && isSame(group, same)) {
      origins.add('group', group.name, same.id);
      continue;
    }
    const name = uniqueName(group.name.slice(0, NAME_CHARS_MAX - label.length - 8), label, taken);
    if (name !== group.name)
      notes.warn(`group "${group.name}"`, `is "${name}" here: the group of that name is another`);
    origins.add('group', group.name, await insertGroup(session, name, group));
    made++;
  }
  return { made, present: plan.groups.length - made };
}

function isSame(group: PlannedGroup, stored: { multiplierMillionths: bigint; models?: ReadonlySet<string> }): boolean {
  const models = stored.models && [...stored.models].sort();
  return stored.multiplierMillionths === group.multiplierMillionths && isDeepStrictEqual(models, group.models);
}

async function insertGroup(session: SqlSession, name: string, group: PlannedGroup): Promise<string> {
  const [row] = await session.query<{ id: string }>(
    `insert into account_group (name, multiplier_millionths, models) values ($1, $2, $3::text[]) returning id`,
    [name, group.multiplierMillionths, group.models ?? null],
  );
  if (row === undefined) throw new Error(`The group "${name}" was not stored`);
  return row.id;
}
