import { invalidRequest } from '../common/hub-error.js';
import type { SqlSession } from '../database/sql.js';
import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import { BoundValues } from './bound-values.js';
import { checkId, checkText } from './check-filter.js';
import { type NewPriceOf, type PriceChange, PriceChangeSum } from './price-change.js';
import { rangeTooLong } from './reporting.errors.js';
import { idRange } from './request-walk.js';
import { daysOf, type TimeSpan } from './usage-range.js';

const DAYS_MAX = 31;
const MODELS_MAX = 100;
/** Some milliseconds of the database's time, and of the hub's. */
const EVENTS_PER_BATCH = 2_000;
/** A busy day of a busy hub; a few seconds. */
const EVENTS_MAX = 300_000;

/** Which traffic is reckoned anew. */
export interface RepriceScope extends TimeSpan {
  /** Public names of the models whose price changes, at most 100: other models' requests cost what they did and are not read. */
  readonly models: readonly string[];
  /** Only this account's requests. */
  readonly accountId?: string;
}

/** What the change would have done, and how much of the traffic was looked at. */
export interface RepricedTraffic extends PriceChange {
  readonly from: Date;
  readonly to: Date;
  /** False when there were more events than may be read: the figures are then those of `requestsRead` requests, the oldest of each model. */
  readonly isComplete: boolean;
  readonly requestsRead: number;
}

interface Row {
  hold_id: string;
  attempt: number;
  is_final: boolean;
  account_id: string;
  channel_id: string | null;
  input_tokens: string | null;
  cached_input_tokens: string | null;
  cache_write_tokens: string | null;
  output_tokens: string | null;
  reasoning_tokens: string | null;
  images: string | null;
  video_ms: string | null;
  audio_ms: string | null;
  characters: string | null;
  searches: string | null;
  service_tier: string | null;
  is_priced: boolean;
  cost: string;
  multiplier: string;
}

/**
 * Reckons what other prices would have made of the requests that began in a span of time, one by one and with the function that
 * prices live traffic, since each request is rounded by itself.
 *
 * The multiplier is that of the group an account is in now. What a request was not charged for, because it failed before
 * anything was delivered, stays free; that a broken answer costs its hold at most, or an account without quota what it has, is not
 * played through. Where usage does not say what the new price depends on, see {@link PriceChange.requestsUncertain}.
 *
 * Reads in batches, in the order of ids, so no statement takes long; each sees a moment of its own.
 *
 * @param newPriceOf the price of a model on a channel after the change; undefined leaves the cost as it was.
 * @param options.eventsMax most events that are read; default 300,000.
 * @throws HubError 400 naming the field: more than 31 days or 100 models.
 */
export async function repriceTraffic(
  session: SqlSession,
  scope: RepriceScope,
  newPriceOf: NewPriceOf,
  { eventsMax = EVENTS_MAX }: { readonly eventsMax?: number } = {},
): Promise<RepricedTraffic> {
  checkScope(scope);
  const sum = new PriceChangeSum(newPriceOf);
  let eventsLeft = eventsMax;
  let requestsRead = 0;
  let isComplete = true;
  for (const model of new Set(scope.models)) {
    let request: Row[] = [];
    const finish = (): void => {
      if (request.length === 0) return;
      addRequest(sum, model, request);
      requestsRead++;
      request = [];
    };
    for (let after: Row | undefined; ; ) {
      const batch = Math.min(EVENTS_PER_BATCH, eventsLeft + 1);
      const rows = await readEvents(session, scope, model, after, batch);
      const taken = rows.slice(0, eventsLeft);
      for (const row of taken) {
        if (row.hold_id !== request[0]?.hold_id) finish();
        request.push(row);
      }
      eventsLeft -= taken.length;
      after = taken.at(-1) ?? after;
      if (taken.length < rows.length) isComplete = false;
      if (rows.length < batch || !isComplete) break;
    }
    // The request that reading stopped in may have more attempts, so it counts only when all was read.
    if (isComplete) finish();
    else break;
  }
  return { ...sum.result(), from: scope.from, to: scope.to, isComplete, requestsRead };
}

function checkScope(scope: RepriceScope): void {
  if (!(scope.from < scope.to)) throw invalidRequest('"from" must lie before "to".', 'from');
  if (daysOf(scope) > DAYS_MAX) throw rangeTooLong(DAYS_MAX, 'for a dry run of prices');
  checkId(scope.accountId, 'accountId');
  if (scope.models.length > MODELS_MAX) {
    throw invalidRequest(`There may be at most ${MODELS_MAX} models in a dry run.`, 'models');
  }
  for (const model of scope.models) checkText(model, 'models');
}

function readEvents(
  session: SqlSession,
  scope: RepriceScope,
  model: string,
  after: Row | undefined,
  limit: number,
): Promise<Row[]> {
  const values = new BoundValues();
  const { from, to } = idRange(scope);
  const name = `${values.add(model)}::text`;
  const start = `${values.add(after?.hold_id ?? from ?? null)}::uuid`;
  // The model is bounded together with the id, so that the planner has no other order than that of the index.
  const where = [
    `(e.model, e.hold_id) >= (${name}, ${start})`,
    `(e.model, e.hold_id) < (${name}, ${values.add(to ?? null)}::uuid)`,
  ];
  if (scope.accountId !== undefined) where.push(`e.account_id = ${values.add(scope.accountId)}::bigint`);
  if (after !== undefined) where.push(`(e.hold_id, e.attempt) > (${start}, ${values.add(after.attempt)}::integer)`);
  return session.query<Row>(
    `select e.*, g.multiplier_millionths as multiplier
       from (select hold_id, attempt, is_final, account_id, channel_id, input_tokens, cached_input_tokens, cache_write_tokens,
                    output_tokens, reasoning_tokens, images, video_ms, audio_ms, characters, searches, service_tier,
                    price_version_id is not null as is_priced, cost
               from usage_event e where ${where.join(' and ')} order by model, hold_id, attempt limit ${limit}) e
       join account a on a.id = e.account_id join account_group g on g.id = a.group_id
      order by e.hold_id, e.attempt`,
    values.all,
  );
}

/** A swept request that was settled late has its usage in the event of the settlement; any other in its final one. */
function addRequest(sum: PriceChangeSum, model: string, attempts: readonly Row[]): void {
  const priced = attempts.findLast((row) => row.is_priced && hasUsage(row));
  // Without a final attempt another model has served: these have only failed.
  const final = priced ?? attempts.findLast((row) => row.is_final);
  if (final === undefined) return;
  sum.add({
    accountId: final.account_id,
    model,
    channelId: final.channel_id ?? undefined,
    usage: usageOf(final),
    multiplierMillionths: BigInt(final.multiplier),
    cost: attempts.reduce((cost, row) => cost + BigInt(row.cost), 0n),
    charge: priced !== undefined ? 'known' : attempts.some((row) => row.is_priced) ? 'unknown' : 'none',
  });
}

function hasUsage(row: Row): boolean {
  const sound = row.audio_ms ?? row.characters ?? row.searches;
  return (row.input_tokens ?? row.output_tokens ?? row.images ?? row.video_ms ?? sound) !== null;
}

function usageOf(row: Row): BillableUsage {
  return {
    ...NO_USAGE,
    inputTokens: Number(row.input_tokens ?? 0),
    cachedInputTokens: Number(row.cached_input_tokens ?? 0),
    cacheWriteTokens: Number(row.cache_write_tokens ?? 0),
    outputTokens: Number(row.output_tokens ?? 0),
    reasoningTokens: Number(row.reasoning_tokens ?? 0),
    images: Number(row.images ?? 0),
    videoMs: Number(row.video_ms ?? 0),
    audioMs: Number(row.audio_ms ?? 0),
    characters: Number(row.characters ?? 0),
    searches: Number(row.searches ?? 0),
    serviceTier: row.service_tier ?? undefined,
  };
}
