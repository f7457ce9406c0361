import { NANO_PER_QUOTA_UNIT } from '../common/money.js';
import type { Sql } from '../database/sql.js';
import type { CodeHasher } from './code-hasher.js';
import { readCode } from './code-text.js';

/** The code of the API document's example, letter for letter. */
const DOCUMENT_CODE = 'REDEEM-XXXX-XXXX';
/** What the document's answer to it adds. */
const DOCUMENT_UNITS = 5000n;
const MAX_USES = 2_147_483_647;
const OWNER = 'sandbox';

/**
 * Lets the document's own example be redeemed, once by each account, while the sandbox answers for real upstreams; and by
 * nobody otherwise. Of several instances that start together one makes the code.
 */
export async function reconcileSandboxCode(sql: Sql, hasher: CodeHasher, isSandboxOn: boolean): Promise<void> {
  const symbols = readCode(DOCUMENT_CODE);
  if (symbols === undefined) throw new Error('The code of the API document is not a code');
  const hash = hasher.hash(symbols);
  if (!isSandboxOn) {
    await sql.query(`update redemption_code set disabled_at = now() where code_hmac = $1 and disabled_at is null`, [
      hash,
    ]);
    return;
  }
  await sql.transaction(async (session) => {
    await session.query(`select id from hub_state where id = 1 for update`);
    const enabled = await session.query(
      `update redemption_code set disabled_at = null where code_hmac = $1 returning id`,
      [hash],
    );
    if (enabled.length > 0) return;
    await session.query(
      `with batch as (insert into redemption_batch (name, actor) values ($1, $1) returning id)
       insert into redemption_code (batch_id, code_hmac, last4, amount, max_uses)
       select id, $2, $3, $4, $5 from batch`,
      [OWNER, hash, symbols.slice(-4), DOCUMENT_UNITS * NANO_PER_QUOTA_UNIT, MAX_USES],
    );
  });
}
