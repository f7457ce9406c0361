// @ts-check

import { isDeepStrictEqual } from 'node:util';
import { parts } from './parts.mjs';

const DAY_MS = 86_400_000;
const COLUMNS = {
  account: 'account_id',
  key: 'key_id',
  model: 'model',
  channel: 'channel_id',
  userIdentifier: 'user_identifier',
  endpoint: 'endpoint',
  outcome: 'outcome',
};
/** What figures are compared: each of another kind of column. */
const FIGURES = `count(*) filter (where is_final)::text as requests, count(*)::text as attempts,
  count(*) filter (where is_final and outcome not in ('done', 'overrun'))::text as errors,
  coalesce(sum(input_tokens) filter (where is_final or outcome = 'late'), 0)::text as "inputTokens", coalesce(sum(duration_ms), 0)::text as "durationMs",
  coalesce(sum(audio_ms) filter (where is_final or outcome = 'late'), 0)::text as "audioMs",
  coalesce(sum(characters) filter (where is_final or outcome = 'late'), 0)::text as characters,
  coalesce(sum(searches) filter (where is_final or outcome = 'late'), 0)::text as searches,
  coalesce(sum(cost), 0)::text as cost, coalesce(sum(purchase_cost), 0)::text as "purchaseCost"`;
const NAMES = [
  ...[
    'requests',
    'attempts',
    'errors',
    'inputTokens',
    'durationMs',
    'audioMs',
    'characters',
    'searches',
    'cost',
    'purchaseCost',
  ],
];

const shown = (/** @type {any} */ figures) => NAMES.map((name) => String(figures[name]));

/**
 * Compares a sample of every statistic, list and dry run with what the events themselves say.
 *
 * @param {any} database
 * @param {import('pg').Client} client without time limits
 * @param {Date} end
 * @param {(text: string) => void} log
 * @returns {Promise<{ compared: number, differences: string[] }>}
 */
export async function compareWithEvents(database, client, end, log) {
  const report = (/** @type {(session: any) => Promise<any>} */ work) => database.reports.snapshot(work);
  const { readUsageTotals, readUsageSeries, readUsageGroups } = await parts();
  const rows = async (/** @type {string} */ text, /** @type {unknown[]} */ values) =>
    (await client.query(text, values)).rows;
  /** @type {string[]} */
  const differences = [];
  let compared = 0;
  const compare = (/** @type {string} */ name, /** @type {unknown} */ got, /** @type {unknown} */ wanted) => {
    compared++;
    if (isDeepStrictEqual(got, wanted)) return;
    differences.push(name);
    log(
      `DIFFERENT: ${name}\n  got ${JSON.stringify(got)?.slice(0, 300)}\n  not ${JSON.stringify(wanted)?.slice(0, 300)}`,
    );
  };
  const span = 'created_at >= $1::timestamptz and created_at < $2::timestamptz';
  for (const days of [1, 30]) {
    const scope = { from: new Date(end.getTime() - days * DAY_MS), to: end };
    const totals = await report((s) => readUsageTotals(s, scope));
    const [sums] = await rows(`select ${FIGURES} from usage_event where ${span}`, [totals.from, totals.to]);
    compare(`totals of ${days} days`, shown(totals.figures), shown(sums));
    const series = await report((s) => readUsageSeries(s, scope, 'day'));
    const byDay = await rows(
      `select date_trunc('day', created_at, 'UTC') as at, ${FIGURES} from usage_event where ${span} group by 1 order by 1`,
      [series.from, series.to],
    );
    const points = series.points.filter((/** @type {any} */ { figures }) => figures.attempts > 0n);
    compare(
      `series of ${days} days`,
      points.map((/** @type {any} */ p) => [p.at, ...shown(p.figures)]),
      byDay.map((row) => [row.at, ...shown(row)]),
    );
    for (const [by, column] of Object.entries(COLUMNS)) {
      for (const accountId of [undefined, '1000']) {
        const answer = await report((s) =>
          readUsageGroups(s, { ...scope, accountId }, { by, orderBy: 'cost', limit: 50 }),
        );
        const user = by === 'userIdentifier' ? 'account_id, ' : '';
        const greatest = await rows(
          `select ${user}${column}::text as value, ${FIGURES} from usage_event
            where ${span} and ($3::bigint is null or account_id = $3) group by ${user}${column}
            order by sum(cost) desc, ${user}${column}::text collate "C" limit 50`,
          [answer.from, answer.to, accountId ?? null],
        );
        compare(
          `by ${by} of ${days} days, account ${accountId ?? 'any'}`,
          answer.groups.map((/** @type {any} */ g) => [g.accountId, g.value, ...shown(g.figures)]),
          greatest.map((row) => [row.account_id ?? null, row.value, ...shown(row)]),
        );
      }
    }
  }
  await compareLists(database, rows, compare);
  await compareDryRun(database, rows, compare, end);
  return { compared, differences };
}

/**
 * @param {any} database
 * @param {(text: string, values: unknown[]) => Promise<any[]>} rows
 * @param {(name: string, got: unknown, wanted: unknown) => void} compare
 */
async function compareLists(database, rows, compare) {
  const { listRequests, listUsageEvents, listEntries } = await parts();
  const [{ middle }] = await rows(
    `select hold_id::text as middle from usage_event where hold_id > uuid7_floor(now() - interval '17 days') order by hold_id limit 1`,
    [],
  );
  const after = Buffer.from(JSON.stringify([middle])).toString('base64url');
  /** @type {[object, string][]} */
  const filters = [
    [{}, 'true'],
    [{ accountId: '1000', outcome: 'failed' }, `account_id = 1000 and outcome = 'failed'`],
    [{ keyId: '5' }, 'key_id = 5'],
    [{ channelId: '3', model: 'model-1' }, `channel_id = 3 and model = 'model-1'`],
    [{ accountId: '1000', userIdentifier: 'user-7' }, `account_id = 1000 and user_identifier = 'user-7'`],
    [{ outcome: 'swept' }, `outcome = 'swept'`],
    [{ costMin: 20_000n, costMax: 20_100n }, 'cost between 20000 and 20100'],
  ];
  for (const [filter, where] of filters) {
    for (const order of ['newest', 'oldest']) {
      const ids = await take(
        250,
        (/** @type {string} */ place) =>
          database.reports.snapshot((/** @type {any} */ s) =>
            listRequests(s, filter, { first: 100, after: place, order }),
          ),
        after,
      );
      const sign = order === 'newest' ? '< $1 order by hold_id desc' : '> $1 order by hold_id';
      const wanted = await rows(
        `select replace(hold_id::text, '-', '') as id from usage_event where is_final and ${where} and hold_id ${sign} limit 250`,
        [middle],
      );
      compare(
        `requests ${order} of ${where}`,
        ids,
        wanted.map(({ id }) => id),
      );
    }
  }
  const place = Buffer.from(JSON.stringify([middle, '0'])).toString('base64url');
  const events = await take(
    250,
    (/** @type {string} */ at) =>
      database.reports.snapshot((/** @type {any} */ s) =>
        listUsageEvents(s, { outcome: 'failed', channelId: '4' }, { first: 100, after: at }),
      ),
    place,
  );
  const wantedEvents = await rows(
    `select replace(hold_id::text, '-', '') as id from usage_event where outcome = 'failed' and channel_id = 4 and hold_id < $1
      order by hold_id desc, attempt desc limit 250`,
    [middle],
  );
  compare(
    'events',
    events,
    wantedEvents.map(({ id }) => id),
  );
  const [{ low, high }] = await rows(
    `select min(created_at) + interval '3 days' as low, min(created_at) + interval '4 days' as high from entry`,
    [],
  );
  const entries = await take(
    250,
    (/** @type {string | undefined} */ at) =>
      database.reports.snapshot((/** @type {any} */ s) =>
        listEntries(s, { accountId: '1000', from: low, to: high }, { first: 100, after: at }),
      ),
    undefined,
  );
  const wantedEntries = await rows(
    `select entry.id::text from entry where (debit_id = 1000 or credit_id = 1000) and created_at >= $1 and created_at < $2 order by entry.id desc limit 250`,
    [low, high],
  );
  compare(
    'entries',
    entries,
    wantedEntries.map(({ id }) => id),
  );
}

/** Ids of the first rows of a list, page by page. @param {number} count @param {(after: any) => Promise<any>} read @param {any} after */
async function take(count, read, after) {
  /** @type {string[]} */
  const ids = [];
  for (let at = after; ids.length < count; ) {
    const { rows, next } = await read(at);
    ids.push(...rows.map((/** @type {any} */ { row }) => row.holdId ?? row.id));
    if (next === undefined) break;
    at = next;
  }
  return ids.slice(0, count);
}

/**
 * @param {any} database
 * @param {(text: string, values: unknown[]) => Promise<any[]>} rows
 * @param {(name: string, got: unknown, wanted: unknown) => void} compare
 * @param {Date} end
 */
async function compareDryRun(database, rows, compare, end) {
  const { repriceTraffic, parsePrice } = await parts();
  const price = parsePrice({ inputPerMillion: '0.004', outputPerMillion: '0.02' });
  const from = new Date(end.getTime() - DAY_MS);
  const change = await repriceTraffic(database.sql, { from, to: end, models: ['model-9'] }, () => price);
  const [wanted] = await rows(
    `select count(*)::text as requests, sum(cost)::text as cost,
            sum(case when price_version_id is null then 0
                     else (input_tokens * 4000000 + output_tokens * 20000000 + 999999) / 1000000 end)::text as "newCost"
       from usage_event where is_final and model = 'model-9' and hold_id >= uuid7_floor($1) and hold_id < uuid7_floor($2)`,
    [from, end],
  );
  const { requests, cost, newCost } = change.total;
  compare(
    'dry run',
    [change.isComplete, String(requests), String(cost), String(newCost)],
    [true, wanted.requests, wanted.cost, wanted.newCost],
  );
}
