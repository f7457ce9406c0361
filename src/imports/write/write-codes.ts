import { CodeHasher } from '../../redemption/code-hasher.js';
import { insertImportedCodes } from '../../redemption/insert-imported-codes.js';
import { parts, type WriteContext, type WriteCount } from './write-context.js';

const ROWS_AT_ONCE = 10_000;

/** Codes to codes: their keyed hashes and last four characters, never the codes. One batch for each name. */
export async function writeCodes({ session, plan, label, origins, keyring }: WriteContext): Promise<WriteCount> {
  const hasher = new CodeHasher(keyring);
  const fresh = plan.codes.filter(({ sourceId }) => origins.find('code', sourceId) === undefined);
  let made = 0;
  for (const [batch, codes] of Map.groupBy(fresh, (code) => code.batch)) {
    for (const part of parts(codes, ROWS_AT_ONCE)) {
      const ids = await insertImportedCodes(session, hasher, { batch, actor: `import:${label}`, codes: part });
      for (const { sourceId, symbols } of part) {
        const id = ids.get(symbols);
        if (id === undefined) continue;
        origins.add('code', sourceId, id);
        made++;
      }
    }
  }
  return { made, present: plan.codes.length - made };
}
