import type { SqlSession } from '../database/sql.js';
import { CareError } from './care-error.js';
import { quoteName, type StoredTable } from './stored-tables.js';

/** Rows that the migrations put into a new database. */
const SEEDS: Readonly<Record<string, string>> = {
  account: `kind = 'system'`,
  account_group: 'id < 1000',
  audit_head: 'seq = 0',
  hub_state: 'bootstrapped_at is null',
  retention_state: 'last_day is null',
  usage_rollup_state: 'true',
};

/** @throws CareError when a table holds more than the migrations put there: somebody's data. */
export async function requireUnused(session: SqlSession, tables: readonly StoredTable[]): Promise<void> {
  for (const { name } of tables) {
    const [row] = await session.query(`select from ${quoteName(name)} where not (${SEEDS[name] ?? 'false'}) limit 1`);
    if (row) {
      throw new CareError(
        `The target database is in use: its table ${name} has rows. Name an empty one; nothing was changed there.`,
      );
    }
  }
}

/** Empties the tables that the migrations filled: the source has these rows too. @param tables in the order of the copy. */
export async function removeSeeds(session: SqlSession, tables: readonly StoredTable[]): Promise<void> {
  for (const { name } of [...tables].reverse()) {
    if (name in SEEDS) await session.query(`delete from ${quoteName(name)}`);
  }
}
