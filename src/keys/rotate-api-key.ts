import { generateApiKey } from '../common/api-key.js';
import type { SqlSession } from '../database/sql.js';
import type { Keyring } from '../secrets/keyring.js';
import type { CreatedApiKey } from './create-api-key.js';
import { hashApiKey } from './hash-api-key.js';

/** For how long the secret before may go on at most. */
export const GRACE_MINUTES_MAX = 1440;

/**
 * Gives a key a new secret. The row stays: its budgets, limits and usage go on, whichever of the two secrets a request carries,
 * so that a rotation neither doubles what may be spent nor splits the statistics.
 *
 * @param graceMinutes how long the secret before stays good, from 0 (it ends at once) to {@link GRACE_MINUTES_MAX}. One that is
 * still good from an earlier rotation ends at once.
 * @returns the new secret, shown once; undefined when there is no such key or it is revoked.
 */
export async function rotateApiKey(
  session: SqlSession,
  keyring: Pick<Keyring, 'apiKeyPepper'>,
  id: string,
  graceMinutes: number,
): Promise<CreatedApiKey | undefined> {
  if (!Number.isInteger(graceMinutes) || graceMinutes < 0 || graceMinutes > GRACE_MINUTES_MAX) {
    throw new RangeError(`A grace of ${graceMinutes} minutes`);
  }
  const key = generateApiKey();
  const last4 = key.slice(-4);
  const rotated = await session.query(
    `update api_key
        set previous_hash = case when $4::integer > 0 then key_hash end,
            previous_until = case when $4::integer > 0 then now() + make_interval(mins => $4::integer) end,
            key_hash = $2, last4 = $3, version = version + 1
      where id = $1 and revoked_at is null returning id`,
    [id, hashApiKey(keyring.apiKeyPepper, key), last4, graceMinutes],
  );
  return rotated.length === 1 ? { id, key, last4 } : undefined;
}
