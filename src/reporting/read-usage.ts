import type { SqlSession } from '../database/sql.js';
import { BoundValues } from './bound-values.js';
import { type CommonFilter, checkFilter } from './check-filter.js';
import { rangeTooLong } from './reporting.errors.js';
import { type RollUpState, readRollUpState } from './roll-up-state.js';
import { SUM_COLUMNS, type SumsRow, toFigures, type UsageFigures } from './usage-figures.js';
import { type LineGroup, linesText } from './usage-lines.js';
import { daysOf, type TimeSpan } from './usage-range.js';
import { planUsage, type UsagePlan } from './usage-source.js';

const HOURLY_DAYS_MAX = 31;

/** Which usage counts. Times go out to full hours of UTC, or to full days where only these are kept; answers say to which. */
export interface UsageScope extends TimeSpan, CommonFilter {}

/** What every answer says about itself. */
export interface UsageAnswer {
  /** What was really summed up. */
  readonly from: Date;
  readonly to: Date;
  /** The moment that the figures are exact at. */
  readonly asOf: Date;
  /** False while the roll-up is too far behind for its missing events to be added: `asOf` is then in the past. */
  readonly isComplete: boolean;
}

/** Sums over the whole of a scope. */
export interface UsageTotals extends UsageAnswer {
  readonly figures: UsageFigures;
}

/** Sums by time. */
export interface UsageSeries extends UsageAnswer {
  readonly bucket: UsageBucket;
  /** One for each bucket of the range, in the order of time, also where there was nothing. */
  readonly points: readonly { readonly at: Date; readonly figures: UsageFigures }[];
}

/** Hours and days of UTC. */
export type UsageBucket = 'hour' | 'day';

/** All sums, as they are. */
export const ALL_SUMS = SUM_COLUMNS.map((name) => ({ as: name, value: name }));
/** Adds up the lines of one group. */
export const ADDED_UP = SUM_COLUMNS.map((name) => `sum(${name})::text as ${name}`).join(', ');

/**
 * Sums everything in the scope.
 *
 * @param session sees one moment of the database: `Reports.snapshot`.
 * @throws HubError 400 naming the field at fault.
 */
export async function readUsageTotals(session: SqlSession, scope: UsageScope): Promise<UsageTotals> {
  const state = await readRollUpState(session);
  const filter = await completeFilter(session, scope);
  const plan = planUsage({ span: scope, filter, groupBy: undefined, isHourly: false });
  return { ...answerOf(plan, state), figures: await sumUp(session, plan, state, filter) };
}

/**
 * The same by the hour or by the day.
 *
 * @throws HubError 400 naming the field at fault; by the hour there may be 31 days, and 8 with more filters than one.
 */
export async function readUsageSeries(
  session: SqlSession,
  scope: UsageScope,
  bucket: UsageBucket,
): Promise<UsageSeries> {
  const state = await readRollUpState(session);
  const filter = await completeFilter(session, scope);
  const isHourly = bucket === 'hour';
  if (isHourly && daysOf(scope) > HOURLY_DAYS_MAX) throw rangeTooLong(HOURLY_DAYS_MAX, 'by the hour');
  const plan = planUsage({ span: scope, filter, groupBy: undefined, isHourly });
  const values = new BoundValues();
  const group: LineGroup = { as: 'at', type: 'timestamptz', of: (_, at) => `date_trunc('${bucket}', ${at}, 'UTC')` };
  const lines = linesText({ plan, state, filter, groups: [group], sums: ALL_SUMS }, values);
  const rows = await session.query<SumsRow & { at: Date }>(
    `select at, ${ADDED_UP} from (${lines}) lines group by at`,
    values.all,
  );
  const found = new Map(rows.map((row) => [row.at.getTime(), toFigures(row)]));
  const points = bucketsOf(plan, bucket).map((at) => ({ at: new Date(at), figures: found.get(at) ?? NOTHING }));
  return { ...answerOf(plan, state), bucket, points };
}

/** Sums up all lines of a plan. */
export async function sumUp(
  session: SqlSession,
  plan: UsagePlan,
  state: RollUpState,
  filter: CommonFilter,
): Promise<UsageFigures> {
  const values = new BoundValues();
  const lines = linesText({ plan, state, filter, groups: [], sums: ALL_SUMS }, values);
  const [row] = await session.query<SumsRow>(`select ${ADDED_UP} from (${lines}) lines`, values.all);
  return row === undefined ? NOTHING : toFigures(row);
}

/** Checks a filter, and adds the account of a key: sums of keys are kept by account. */
export async function completeFilter(session: SqlSession, scope: CommonFilter): Promise<CommonFilter> {
  checkFilter(scope);
  const { accountId, keyId, model, channelId, userIdentifier } = scope;
  const filter = { accountId, keyId, model, channelId, userIdentifier };
  if (keyId === undefined || accountId !== undefined) return filter;
  const [key] = await session.query<{ account_id: string }>(`select account_id from api_key where id = $1::bigint`, [
    keyId,
  ]);
  // No account has the id 0, so a key that is not there has used nothing.
  return { ...filter, accountId: key?.account_id ?? '0' };
}

/** What an answer says about itself. */
export function answerOf({ range }: UsagePlan, { asOf, isComplete }: RollUpState): UsageAnswer {
  return { from: range.from, to: range.to, asOf, isComplete };
}

const NOTHING = toFigures({
  ...{ requests: null, attempts: null, errors: null, estimated: null, input_tokens: null, cached_input_tokens: null },
  ...{ cache_write_tokens: null, output_tokens: null, reasoning_tokens: null, images: null, video_ms: null },
  ...{
    audio_ms: null,
    characters: null,
    searches: null,
    duration_ms: null,
    cost: null,
    loss: null,
    purchase_cost: null,
  },
});

function bucketsOf({ range }: UsagePlan, bucket: UsageBucket): number[] {
  const stepMs = bucket === 'hour' ? 3_600_000 : 86_400_000;
  const buckets: number[] = [];
  for (let at = Math.floor(range.from.getTime() / stepMs) * stepMs; at < range.to.getTime(); at += stepMs)
    buckets.push(at);
  return buckets;
}
