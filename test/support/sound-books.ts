import { Audit } from '../../src/audit/audit.js';
import type { Sql } from '../../src/database/sql.js';

/** Runs every invariant of the books. Returns those that do not hold, each with an example; tests want none. */
export async function findUnsound(sql: Sql): Promise<string[]> {
  const results = await new Audit(sql).run();
  return results
    .filter(({ badRows }) => badRows > 0)
    .map(({ id, badRows, samples }) => `${id}: ${badRows}, such as ${JSON.stringify(samples[0])}`);
}
