import { HubError, invalidRequest } from '../common/hub-error.js';
import type { SqlSession } from '../database/sql.js';

const DAYS_MAX = 7;
const MS_PER_DAY = 86_400_000;

/** What became of a key's capture. */
export interface CaptureChange {
  readonly accountId: string;
  /** Until when it was switched on before; null when it was off. */
  readonly before: Date | null;
  readonly after: Date | null;
}

/**
 * Switches the capture of a key's requests and answers on until a moment, or off. It takes effect within five seconds, at once
 * when the caller publishes `TOPIC_KEYS` after the commit. The key's version grows.
 *
 * @param until at most seven days ahead; null: off. What has been captured stays until its own time is over.
 * @param now the moment it is counted from.
 * @throws HubError 400 `invalid_value` (param `until`), 404 `key_not_found`.
 */
export async function setCapture(
  session: SqlSession,
  keyId: string,
  until: Date | null,
  now = new Date(),
): Promise<CaptureChange> {
  if (until !== null) {
    const aheadMs = until.getTime() - now.getTime();
    // NaN, of a date that is none, is refused as well.
    if (!(aheadMs > 0 && aheadMs <= DAYS_MAX * MS_PER_DAY)) {
      throw invalidRequest(`"until" must be a time in the future, at most ${DAYS_MAX} days ahead.`, 'until');
    }
  }
  const [row] = await session.query<{ account_id: string; before: Date | null }>(
    `with old as (select id, account_id, capture_until from api_key where id = $1 for no key update)
     update api_key k set capture_until = $2::timestamptz, version = k.version + 1 from old where k.id = old.id
     returning old.account_id, old.capture_until as before`,
    [keyId, until],
  );
  if (row === undefined) {
    throw new HubError({ status: 404, code: 'key_not_found', message: 'There is no such API key.', param: 'keyId' });
  }
  return { accountId: row.account_id, before: row.before, after: until };
}
