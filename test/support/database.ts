import { MEMORY_DATA_DIR } from '../../src/config/parse-settings.js';
import type { Settings } from '../../src/config/settings.js';
import { Database } from '../../src/database/database.js';

/** Settings of an embedded database in memory. */
export const MEMORY_DATABASE: Settings['database'] = {
  url: undefined,
  dataDir: MEMORY_DATA_DIR,
  poolMax: 1,
  ledgerPoolMax: 2,
};

/** An empty, migrated embedded database in memory; the caller closes it. Opening one takes seconds: one per suite. */
export function openMemoryDatabase(): Promise<Database> {
  return Database.open(MEMORY_DATABASE);
}
