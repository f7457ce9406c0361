import type { SqlSession } from '../database/sql.js';
import { USAGE_SUMS } from './usage-sums.js';

const NAMES = Object.keys(USAGE_SUMS).join(', ');
const SUMMED = Object.keys(USAGE_SUMS)
  .map((name) => `sum(${name})`)
  .join(', ');
const DAY = `date_trunc('day', hour, 'UTC')`;

/** Values of the dimensions that hours know, as texts. Endings are not among them: hours do not say how a request ended. */
const DIMENSIONS: readonly (readonly [string, string])[] = [
  ['total', `''`],
  ['model', 'model'],
  ['channel', 'channel_id::text'],
  ['route', `channel_id || ':' || model`],
  ['account', 'account_id::text'],
];

/** Makes the statistics, which must be empty, of the hours there are; for hours whose events are gone. */
export async function fillStatistics(session: SqlSession): Promise<void> {
  await session.query(
    `insert into usage_day (account_id, day, key_id, model, channel_id, ${NAMES})
     select account_id, ${DAY}, key_id, model, channel_id, ${SUMMED} from usage_hour group by 1, 2, 3, 4, 5`,
  );
  await session.query(
    `insert into usage_user_day (account_id, day, user_identifier, ${NAMES})
     select account_id, ${DAY}, user_identifier, ${SUMMED} from usage_hour group by 1, 2, 3`,
  );
  for (const [dimension, value] of DIMENSIONS) {
    for (const [span, at] of [
      ['hour', 'hour'],
      ['day', DAY],
    ]) {
      await session.query(
        `insert into usage_slice (span, dimension, account_id, at, value, ${NAMES})
         select '${span}', '${dimension}', 0, ${at}, ${value}, ${SUMMED} from usage_hour group by 4, 5`,
      );
    }
  }
  await session.query(
    `insert into usage_slice (span, dimension, account_id, at, value, ${NAMES})
     select 'day', 'key', 0, day, key_id::text, ${SUMMED} from usage_day group by 4, 5`,
  );
}
