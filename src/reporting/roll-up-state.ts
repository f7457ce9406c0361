import type { SqlSession } from '../database/sql.js';
import { STATISTICS_TABLES } from '../usage/usage-sums.js';

/** Most events that are added to the sums when they are asked for; a roll-up that is further behind is said, not waited for. */
const TAIL_EVENTS_MAX = 10_000;

/** How far the sums reach, and whether the events after them are few enough to be added. */
export interface RollUpState {
  /** Events of transactions from here on are in no sum. As text, for SQL. */
  readonly watermark: string;
  /** False while the roll-up is far behind, with some sums or all: figures are those of `asOf` then. */
  readonly isComplete: boolean;
  readonly asOf: Date;
}

/**
 * Reads it. The session must see one moment of the database (`Reports.snapshot`), and this must be its first statement: a rebuild
 * empties the tables in a way that older snapshots would see as well.
 */
export async function readRollUpState(session: SqlSession): Promise<RollUpState> {
  await session.query(`lock table usage_hour, ${STATISTICS_TABLES.join(', ')} in access share mode`);
  // Compiling a statement of so many sums takes longer than running it.
  await session.query('set local jit = off');
  const [state] = await session.query<{ watermark: string; updated_at: Date; now: Date; is_complete: boolean }>(
    `select statistics_watermark::text as watermark, updated_at, now() as now,
            watermark = statistics_watermark and coalesce(passed_watermark = watermark, false)
              and not exists (select from usage_event where tx >= statistics_watermark offset $1::int) as is_complete
       from usage_rollup_state`,
    [TAIL_EVENTS_MAX],
  );
  if (state === undefined) throw new Error('The state of the roll-up has no row');
  const { watermark, is_complete: isComplete } = state;
  return { watermark, isComplete, asOf: isComplete ? state.now : state.updated_at };
}
