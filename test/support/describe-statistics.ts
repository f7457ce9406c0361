import type { Database } from '../../src/database/database.js';
import type { SqlSession } from '../../src/database/sql.js';
import { readUsageSeries, readUsageTotals, type UsageScope } from '../../src/reporting/read-usage.js';
import { readUsageGroups } from '../../src/reporting/read-usage-groups.js';
import type { UsageFigures, UsageOrder } from '../../src/reporting/usage-figures.js';
import type { UsageDimension } from '../../src/reporting/usage-source.js';
import { addToHours, MAIN_SUMS } from '../../src/usage/add-to-sums.js';
import { rebuildUsage } from '../../src/usage/rebuild-usage.js';
import { rollUpUsage } from '../../src/usage/roll-up-usage.js';
import { rollUpAll } from './describe-usage.js';
import { findUnsound } from './sound-books.js';
import { isCustomers, Traffic, type TrafficEvent } from './traffic.js';

const NOW = new Date('2026-11-20T10:25:00Z');
const HOUR_MS = 3_600_000;
const ago = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR_MS);

const VALUES: Readonly<Record<UsageDimension, (event: TrafficEvent) => string | null>> = {
  account: (event) => event.account_id,
  key: (event) => event.key_id,
  model: (event) => event.model,
  channel: (event) => event.channel_id,
  userIdentifier: (event) => event.user_identifier,
  endpoint: (event) => event.endpoint,
  outcome: (event) => event.outcome,
};

/** The figures of events, reckoned without the product. */
function figuresOf(events: readonly TrafficEvent[]): UsageFigures {
  const sum = (value: (event: TrafficEvent) => number | boolean | null): bigint =>
    BigInt(events.reduce((total, event) => total + Number(value(event) ?? 0), 0));
  const used = (value: (event: TrafficEvent) => number | null): bigint => sum((e) => (isCustomers(e) ? value(e) : 0));
  const cost = sum((e) => e.cost);
  const purchaseCost = sum((e) => e.purchase_cost);
  return {
    requests: sum((e) => e.is_final),
    attempts: BigInt(events.length),
    errors: sum((e) => e.is_final && e.outcome !== 'done' && e.outcome !== 'overrun'),
    estimated: sum((e) => e.is_final && e.estimated),
    inputTokens: used((e) => e.input_tokens),
    cachedInputTokens: used((e) => e.cached_input_tokens),
    cacheWriteTokens: used((e) => e.cache_write_tokens),
    outputTokens: used((e) => e.output_tokens),
    reasoningTokens: used((e) => e.reasoning_tokens),
    images: used((e) => e.images),
    videoMs: used((e) => e.video_ms),
    audioMs: used((e) => e.audio_ms),
    characters: used((e) => e.characters),
    searches: used((e) => e.searches),
    durationMs: sum((e) => e.duration_ms),
    cost,
    loss: sum((e) => e.loss),
    purchaseCost,
    margin: cost - purchaseCost,
  };
}

function eventsIn(events: readonly TrafficEvent[], scope: UsageScope, from: Date, to: Date): TrafficEvent[] {
  return events.filter((event) => {
    const at = new Date(event.created_at);
    return (
      at >= from &&
      at < to &&
      (scope.accountId === undefined || event.account_id === scope.accountId) &&
      (scope.keyId === undefined || event.key_id === scope.keyId) &&
      (scope.model === undefined || event.model === scope.model) &&
      (scope.channelId === undefined || event.channel_id === scope.channelId) &&
      (scope.userIdentifier === undefined || event.user_identifier === scope.userIdentifier)
    );
  });
}

const SPANS: readonly [string, Date, Date][] = [
  ['24 hours', ago(24), NOW],
  ['three days and some hours', ago(75), NOW],
  ['a week that has ended', ago(24 * 8), ago(26)],
];

/** The statistics, as both databases promise them. */
export function describeStatistics(open: () => Database): void {
  let traffic: Traffic;
  const seed = Math.floor(Math.random() * 2 ** 31);

  beforeAll(async () => {
    const { sql } = open();
    traffic = await Traffic.of(sql, seed);
    await traffic.add(400, NOW, 24 * 9);
    await rollUpUsage(sql, 50);
    await traffic.add(200, NOW, 30);
    await rollUpAll(open());
    // What no sum has yet.
    await traffic.add(60, NOW, 100);
  });

  const report = <Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> =>
    open().reports.snapshot(work);

  function scopes(): [string, Omit<UsageScope, 'from' | 'to'>][] {
    const [accountId = ''] = traffic.accountIds;
    const [keyId = ''] = traffic.keyIds.get(accountId) ?? [];
    const [model = ''] = traffic.models.slice(2);
    const [channelId = ''] = traffic.channelIds;
    return [
      ['everything', {}],
      ['a model', { model }],
      ['a channel', { channelId }],
      ['a model on a channel', { model, channelId }],
      ['an account', { accountId }],
      ['a key', { keyId }],
      ['a key of an account', { accountId, keyId, channelId }],
      ['an end user', { accountId, userIdentifier: '%' }],
      ['an end user with a long name', { accountId, userIdentifier: `${'长'.repeat(255)}x` }],
      ['an account on a channel', { accountId, channelId, model }],
    ];
  }

  it(`sums up to what the events say, whatever is filtered (seed ${seed})`, async () => {
    for (const [when, from, to] of SPANS) {
      for (const [what, filter] of scopes()) {
        const scope = { ...filter, from, to };
        const answer = await report((session) => readUsageTotals(session, scope));
        expect(answer.isComplete).toBe(true);
        expect(answer.from <= from && answer.to >= to).toBe(true);
        const wanted = figuresOf(eventsIn(traffic.events, scope, answer.from, answer.to));
        expect({ what, when, ...answer.figures }).toEqual({ what, when, ...wanted });
      }
    }
  });

  it(`gives the same by the hour and by the day, with the empty ones (seed ${seed})`, async () => {
    for (const [, from, to] of SPANS) {
      for (const [what, filter] of scopes()) {
        for (const bucket of ['hour', 'day'] as const) {
          const scope = { ...filter, from, to };
          const answer = await report((session) => readUsageSeries(session, scope, bucket));
          const stepMs = bucket === 'hour' ? HOUR_MS : 24 * HOUR_MS;
          expect(answer.points.length).toBe(
            Math.ceil(answer.to.getTime() / stepMs) - Math.floor(answer.from.getTime() / stepMs),
          );
          const wanted = answer.points.map(({ at }) => {
            const end = new Date(Math.min(at.getTime() + stepMs, answer.to.getTime()));
            const start = at > answer.from ? at : answer.from;
            return { at, figures: figuresOf(eventsIn(traffic.events, scope, start, end)) };
          });
          expect({ what, bucket, points: answer.points }).toEqual({ what, bucket, points: wanted });
        }
      }
    }
  });

  const GROUPINGS: readonly [UsageDimension, readonly UsageOrder[]][] = [
    ['account', ['cost', 'margin']],
    ['key', ['requests', 'cost']],
    ['model', ['tokens', 'errors']],
    ['channel', ['purchaseCost', 'loss']],
    ['userIdentifier', ['cost', 'requests']],
    ['endpoint', ['cost']],
    ['outcome', ['requests']],
  ];

  it(`gives the greatest groups and sums up the others (seed ${seed})`, async () => {
    let compared = 0;
    for (const [, from, to] of SPANS) {
      for (const [what, filter] of scopes()) {
        for (const [by, orders] of GROUPINGS) {
          for (const orderBy of orders) {
            const scope = { ...filter, from, to };
            const limit = orderBy === 'cost' ? 100 : 2;
            const answer = await report((session) => readUsageGroups(session, scope, { by, orderBy, limit })).catch(
              (error: { code?: string }) => {
                expect(error.code).toBe('filter_required');
              },
            );
            if (!answer) continue;
            compared++;
            const events = eventsIn(traffic.events, scope, answer.from, answer.to);
            const groups = [
              ...Map.groupBy(events, (e) => (by === 'userIdentifier' ? `${e.account_id} ` : '') + VALUES[by](e)),
            ];
            const wanted = new Map(groups.map(([name, members]) => [name, figuresOf(members)]));
            for (const { value, accountId, figures } of answer.groups) {
              const name = (by === 'userIdentifier' ? `${accountId} ` : '') + value;
              expect({ what, by, name, ...figures }).toEqual({ what, by, name, ...wanted.get(name) });
            }
            const size = ({ inputTokens, outputTokens, ...figures }: UsageFigures): bigint =>
              orderBy === 'tokens' ? inputTokens + outputTokens : figures[orderBy];
            const sizes = [...wanted.values()].map(size).sort((a, b) => Number(b - a));
            expect(answer.groups.map(({ figures }) => size(figures))).toEqual(sizes.slice(0, limit));
            expect(answer.hasOther).toBe(wanted.size > limit);
            expect(answer.totals).toEqual(figuresOf(events));
            const shown = answer.groups.reduce((sum, { figures }) => sum + figures.cost, 0n);
            expect(answer.other.cost).toBe(figuresOf(events).cost - shown);
          }
        }
      }
    }
    expect(compared).toBeGreaterThan(150);
  });

  it('shows an account nothing of another one, whatever else is asked for', async () => {
    const [accountId = '', other = ''] = traffic.accountIds;
    const [keyId = ''] = traffic.keyIds.get(other) ?? [];
    for (const by of ['key', 'model', 'channel', 'userIdentifier', 'endpoint', 'outcome'] as const) {
      const scope = { accountId, from: ago(24 * 7), to: NOW };
      const { totals, from, to } = await report((session) =>
        readUsageGroups(session, scope, { by, orderBy: 'cost', limit: 100 }),
      );
      expect(totals).toEqual(figuresOf(eventsIn(traffic.events, { ...scope, accountId }, from, to)));
    }
    const stranger = await report((session) => readUsageTotals(session, { accountId, keyId, from: ago(72), to: NOW }));
    expect(stranger.figures.attempts).toBe(0n);
  });

  it('refuses by name what no sum can answer in time', async () => {
    const [accountId = ''] = traffic.accountIds;
    const days = (n: number) => ({ from: ago(24 * n), to: NOW });
    const grouped = (scope: UsageScope, by: UsageDimension, orderBy: UsageOrder = 'cost') =>
      report((session) => readUsageGroups(session, scope, { by, orderBy, limit: 10 }));
    const refusals: [() => Promise<unknown>, string, string][] = [
      [() => grouped({ ...days(3), userIdentifier: 'a' }, 'model'), 'filter_required', 'accountId'],
      [() => grouped({ ...days(3), model: 'gpt-4' }, 'userIdentifier'), 'filter_required', 'accountId'],
      [() => grouped({ ...days(3), model: 'gpt-4' }, 'outcome'), 'filter_required', 'groupBy'],
      [() => grouped({ ...days(30), model: 'gpt-4' }, 'account'), 'range_too_long', 'from'],
      [() => grouped({ ...days(30), accountId, model: 'gpt-4' }, 'userIdentifier'), 'range_too_long', 'from'],
      [() => grouped(days(3), 'userIdentifier', 'margin'), 'invalid_value', 'orderBy'],
      [() => grouped({ ...days(3), model: 'a\0' }, 'channel'), 'invalid_value', 'model'],
      [() => grouped({ ...days(3), keyId: `1' or 1=1` }, 'channel'), 'invalid_value', 'keyId'],
      [() => grouped({ from: NOW, to: ago(2) }, 'channel'), 'invalid_value', 'from'],
      [() => grouped(days(400), 'channel'), 'range_too_long', 'from'],
      [() => report((s) => readUsageSeries(s, days(40), 'hour')), 'range_too_long', 'from'],
      [
        () => report((s) => readUsageGroups(s, days(1), { by: 'key', orderBy: 'cost', limit: 101 })),
        'invalid_value',
        'limit',
      ],
    ];
    for (const [ask, code, param] of refusals) await expect(ask()).rejects.toMatchObject({ status: 400, code, param });
  });

  it('finds the greatest of very many end users as adding up everybody does', async () => {
    const { sql } = open();
    const day = `timestamptz '2026-02-01 00:00Z'`;
    await sql.transaction(async (session) => {
      await session.query(
        `insert into usage_user_day (account_id, day, user_identifier, requests, cost)
         select 1 + u % 7, ${day} + make_interval(days => d), 'u' || u, 1 + (u * 7919 + d) % 5,
                ((u * 7919 + d * 104729) % 1000 - 100) * case when u % 50 = 0 then 30 else 1 end
           from generate_series(1, 900) u cross join generate_series(0, 9) d where (u + d) % 3 <> 0`,
      );
    });
    const scope = { from: new Date('2026-02-01T00:00:00Z'), to: new Date('2026-02-11T00:00:00Z') };
    // Too many hours to be read as they are.
    await sql.query(
      `insert into usage_hour (hour, account_id, model, user_identifier)
       select ${day}, 1, 'm', 'u' || u from generate_series(1, 5001) u`,
    );
    try {
      for (const orderBy of ['cost', 'requests'] as const) {
        const { groups } = await report((session) =>
          readUsageGroups(session, scope, { by: 'userIdentifier', orderBy, limit: 20 }),
        );
        const wanted = await sql.query<{ name: string; size: string }>(
          `select account_id || ' ' || user_identifier as name, sum(${orderBy})::text as size from usage_user_day
            where day >= $1::timestamptz and day < $2::timestamptz group by account_id, user_identifier
            order by sum(${orderBy}) desc, account_id, user_identifier collate "C" limit 20`,
          [scope.from, scope.to],
        );
        expect(groups.map((g) => ({ name: `${g.accountId} ${g.value}`, size: String(g.figures[orderBy]) }))).toEqual(
          wanted,
        );
      }
    } finally {
      await sql.query(`delete from usage_user_day where day < '2026-03-01'`);
      await sql.query(`delete from usage_hour where hour < '2026-03-01'`);
    }
  });

  it('says the moment of its figures when the roll-up is far behind, and is exact again after it', async () => {
    const { sql } = open();
    const before = await report((session) => readUsageTotals(session, { from: ago(24 * 9), to: NOW }));
    const [state] = await sql.query<{ marks: string; at: Date }>(
      `select statistics_watermark::text as marks, updated_at as at from usage_rollup_state`,
    );
    // As after a hub of the version before has moved its watermark.
    await sql.query(`update usage_rollup_state set statistics_watermark = '0'`);
    const behind = await report((session) => readUsageTotals(session, { from: ago(24 * 9), to: NOW }));
    expect({ isComplete: behind.isComplete, asOf: behind.asOf }).toEqual({ isComplete: false, asOf: state?.at });
    await sql.query(`update usage_rollup_state set statistics_watermark = $1::text::xid8`, [state?.marks ?? '']);
    await rebuildUsage(sql);
    const after = await report((session) => readUsageTotals(session, { from: ago(24 * 9), to: NOW }));
    expect(after).toMatchObject({ isComplete: true, figures: before.figures });
    expect((await findUnsound(sql)).filter((line) => line.startsWith('I14'))).toEqual([]);
  });

  it('catches up with hours that a hub of the version before has summed up alone', async () => {
    const { sql } = open();
    await rollUpAll(open());
    await traffic.add(40, NOW, 20);
    await sql.transaction(async (session) => {
      const [state] = await session.query<{ from: string; until: string }>(
        `select watermark::text as from, pg_snapshot_xmin(pg_current_snapshot())::text as until from usage_rollup_state`,
      );
      await addToHours(session, BigInt(state?.from ?? 0), BigInt(state?.until ?? 0), MAIN_SUMS);
      await session.query(`update usage_rollup_state set watermark = $1::text::xid8`, [state?.until ?? '']);
    });
    await traffic.add(20, NOW, 20);
    while ((await rollUpUsage(sql, 7)) !== 'done') {
      // Until both are where the other is.
    }
    expect((await findUnsound(sql)).filter((line) => line.startsWith('I14'))).toEqual([]);
    const [drift] = await sql.query<{ same: boolean }>(
      `select watermark = statistics_watermark and watermark = passed_watermark as same from usage_rollup_state`,
    );
    expect(drift).toEqual({ same: true });
    const scope = { from: ago(72), to: NOW };
    const { figures, from, to } = await report((session) => readUsageTotals(session, scope));
    expect(figures).toEqual(figuresOf(eventsIn(traffic.events, scope, from, to)));
  });
}
