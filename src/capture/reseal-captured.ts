import type { Sql } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';
import { type CapturedSide, openSide, sealSide } from './captured-binding.js';

/** Few enough that the embedded database is not held up: at most 10 MiB. */
const BATCH_MAX = 20;
const NO_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Encrypts again, with the active key, every captured side that an older key protects, batch by batch.
 *
 * @returns how many.
 * @throws SealError for one that was changed; those before it are done.
 */
export async function resealCaptured(sql: Sql, cipher: CredentialCipher): Promise<number> {
  let count = 0;
  let after: string | undefined = NO_ID;
  while (after !== undefined) {
    const batch = await resealBatch(sql, cipher, after);
    count += batch.count;
    after = batch.last;
  }
  return count;
}

async function resealBatch(
  sql: Sql,
  cipher: CredentialCipher,
  after: string,
): Promise<{ readonly count: number; readonly last: string | undefined }> {
  return await sql.transaction(async (session) => {
    const rows = await session.query<
      { id: string; accountId: string; keyId: string } & Record<CapturedSide, Buffer | null>
    >(
      `select id, account_id as "accountId", key_id as "keyId", request, response from captured_exchange
        where id > $1::uuid order by id limit $2::integer for update`,
      [after, BATCH_MAX],
    );
    let count = 0;
    for (const row of rows) {
      for (const side of ['request', 'response'] as const) {
        const sealed = row[side];
        if (sealed === null || !cipher.isOutdated(sealed)) continue;
        const text = await openSide(cipher, row, side, sealed, session);
        await session.query(`update captured_exchange set ${side} = $2 where id = $1`, [
          row.id,
          sealSide(cipher, row, side, text ?? undefined),
        ]);
        count++;
      }
    }
    return { count, last: rows.at(-1)?.id };
  });
}
