import type { Database } from '../../src/database/database.js';
import type { SqlSession } from '../../src/database/sql.js';
import { addToHours, addToStatistics, MAIN_SUMS } from '../../src/usage/add-to-sums.js';
import { readUsageSums, type SumRow } from '../../src/usage/read-usage-sums.js';
import { rebuildUsage } from '../../src/usage/rebuild-usage.js';
import { rollUpUsage } from '../../src/usage/roll-up-usage.js';
import { UsageService } from '../../src/usage/usage.service.js';
import { UsageEventsService } from '../../src/usage/usage-events.service.js';
import { readUsageQuery } from '../../src/usage/usage-query.js';
import { UsageRoller } from '../../src/usage/usage-roller.js';
import { STATISTICS_TABLES } from '../../src/usage/usage-sums.js';
import { insertAccount, insertEvents, randomEvent, rollUpDrift } from './usage-events.js';

/** Rolls up until nothing is left. Returns how many steps that took. */
export async function rollUpAll(database: Database, eventsMax?: number): Promise<number> {
  for (let steps = 1; ; steps++) {
    const step = await rollUpUsage(database.sql, eventsMax);
    if (step === 'done') return steps;
    expect(step).toBe('more');
  }
}

/** What the report of an account says in total, and what its events say, at one moment. */
export function reportAndEvents(database: Database, accountId: string): Promise<{ report: SumRow; events: object }> {
  return database.reports.snapshot(async (session) => {
    const query = readUsageQuery({ group_by: 'day,model,user_identifier,key' }, new Date());
    const sums = await readUsageSums(session, accountId, query, { after: undefined, groupsMax: 1, rowsMax: null });
    return { report: sums!.totals, events: await eventTotals(session, accountId) };
  });
}

/** Rolls up as hubs of the version before do: neither the sums that came since, nor their watermark. */
export function rollUpAsBefore(database: Database): Promise<void> {
  return database.sql.transaction(async (session) => {
    const [state] = await session.query<{ from: string; until: string }>(
      `select watermark::text as from, pg_snapshot_xmin(pg_current_snapshot())::text as until from usage_rollup_state for update`,
    );
    const [from, until] = [BigInt(state?.from ?? 0), BigInt(state?.until ?? 0)];
    await addToHours(session, from, until, MAIN_SUMS);
    await addToStatistics(session, from, until, MAIN_SUMS);
    await session.query(
      'update usage_rollup_state set watermark = $1::text::xid8, statistics_watermark = $1::text::xid8',
      [until],
    );
  });
}

async function eventTotals(session: SqlSession, accountId: string): Promise<object> {
  const [row] = await session.query<object>(
    `select count(*) filter (where is_final)::text as requests,
            count(*) filter (where is_final and outcome not in ('done', 'overrun'))::text as errors,
            coalesce(sum(input_tokens) filter (where is_final or outcome = 'late'), 0) as input_tokens, coalesce(sum(cached_input_tokens) filter (where is_final or outcome = 'late'), 0) as cached_input_tokens,
            coalesce(sum(cache_write_tokens) filter (where is_final or outcome = 'late'), 0) as cache_write_tokens, coalesce(sum(output_tokens) filter (where is_final or outcome = 'late'), 0) as output_tokens,
            coalesce(sum(reasoning_tokens) filter (where is_final or outcome = 'late'), 0) as reasoning_tokens, coalesce(sum(images) filter (where is_final or outcome = 'late'), 0) as images,
            coalesce(sum(video_ms) filter (where is_final or outcome = 'late'), 0) as video_ms,
            coalesce(sum(audio_ms) filter (where is_final or outcome = 'late'), 0) as audio_ms, coalesce(sum(characters) filter (where is_final or outcome = 'late'), 0) as characters,
            coalesce(sum(searches) filter (where is_final or outcome = 'late'), 0) as searches, coalesce(sum(cost), 0) as cost
       from usage_event where account_id = $1`,
    [accountId],
  );
  return row!;
}

async function hours(database: Database): Promise<object[]> {
  return await database.sql.query(
    `select * from usage_hour order by account_id, hour, key_id, model, channel_id, user_identifier`,
  );
}

/** Items of all pages. */
async function collect<Item>(
  read: (after: string | undefined) => Promise<{ items: readonly Item[]; nextCursor: string | null }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    items.push(...page.items);
    after = page.nextCursor ?? undefined;
  } while (after !== undefined);
  return items;
}

/** The roll-up and the reports over it, as both databases promise them. */
export function describeUsage(open: () => Database): void {
  const many = async (accountId: string, transactions: number, events: number): Promise<void> => {
    for (let i = 0; i < transactions; i++) {
      await insertEvents(
        open().sql,
        Array.from({ length: events }, () => randomEvent(accountId)),
      );
    }
  };

  it('sums up every event once, by hour, account, key, model, channel and user', async () => {
    const accountId = await insertAccount(open().sql);
    await many(accountId, 20, 10);
    await rollUpAll(open());
    expect(await rollUpDrift(open().sql)).toEqual([]);
    const before = await hours(open());
    expect(before.length).toBeGreaterThan(20);
    await rollUpAll(open());
    expect(await hours(open())).toEqual(before);
  });

  it('counts ended requests, every attempt, and errors apart', async () => {
    const account_id = await insertAccount(open().sql);
    const created_at = new Date('2026-11-20T10:59:59.999Z');
    const shared = { account_id, created_at, model: 'counted', key_id: '5', channel_id: '6', user_identifier: 'u' };
    await insertEvents(open().sql, [
      { ...shared, is_final: false, outcome: 'failed', duration_ms: 5 },
      { ...shared, outcome: 'done', input_tokens: 10, output_tokens: 4, cost: '7', purchase_cost: '3', duration_ms: 9 },
      { ...shared, outcome: 'overrun', estimated: true, cost: '2', loss: '8' },
      { ...shared, outcome: 'client_gone' },
      { ...shared, created_at: new Date('2026-11-20T11:00:00Z'), outcome: 'done' },
    ]);
    await rollUpAll(open());
    const rows = await open().sql.query(
      `select hour, key_id, channel_id, user_identifier, requests, attempts, errors, estimated, input_tokens,
              output_tokens, duration_ms, cost, loss, purchase_cost
         from usage_hour where account_id = $1 order by hour`,
      [account_id],
    );
    const shown = { key_id: '5', channel_id: '6', user_identifier: 'u' };
    expect(rows).toEqual([
      {
        ...shown,
        hour: new Date('2026-11-20T10:00:00Z'),
        requests: '3',
        attempts: '4',
        errors: '1',
        estimated: '1',
        input_tokens: '10',
        output_tokens: '4',
        duration_ms: '14',
        cost: '9',
        loss: '8',
        purchase_cost: '3',
      },
      {
        ...shown,
        hour: new Date('2026-11-20T11:00:00Z'),
        requests: '1',
        attempts: '1',
        errors: '0',
        estimated: '0',
        input_tokens: '0',
        output_tokens: '0',
        duration_ms: '0',
        cost: '0',
        loss: '0',
        purchase_cost: '0',
      },
    ]);
  });

  it('goes in steps, and takes a transaction that is larger than a step whole', async () => {
    const accountId = await insertAccount(open().sql);
    await rollUpAll(open());
    await many(accountId, 12, 2);
    await many(accountId, 1, 30);
    await many(accountId, 4, 2);
    // 24 events in fives of whole transactions (4 each), one large one, 8 more in two.
    expect(await rollUpAll(open(), 5)).toBe(6 + 1 + 2);
    expect(await rollUpDrift(open().sql)).toEqual([]);
  });

  it('writes nothing while nothing is used', async () => {
    await rollUpAll(open());
    const state = () => open().sql.query(`select watermark::text, updated_at from usage_rollup_state`);
    const before = await state();
    await open().sql.query(`update hub_state set catalog_version = catalog_version + 1`);
    expect(await rollUpUsage(open().sql)).toBe('done');
    expect(await state()).toEqual(before);
  });

  it('takes a user identifier and a model as long as they may be, and longer', async () => {
    const account_id = await insertAccount(open().sql);
    // What cannot be compressed: the key of an index must hold it as it is.
    const noise = (length: number) =>
      Array.from({ length }, () => String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20_000))).join('');
    await insertEvents(open().sql, [{ account_id, model: noise(256), user_identifier: noise(5_000), cost: '1' }]);
    await rollUpAll(open());
    expect(await rollUpDrift(open().sql)).toEqual([]);
  });

  it('reports what has not been summed up yet, and the same when it has been', async () => {
    const accountId = await insertAccount(open().sql);
    await insertEvents(open().sql, [randomEvent(await insertAccount(open().sql))]);
    await many(accountId, 3, 10);
    const fresh = await reportAndEvents(open(), accountId);
    expect(fresh.report).toEqual(fresh.events);
    await rollUpUsage(open().sql, 15);
    const between = await reportAndEvents(open(), accountId);
    expect(between.report).toEqual(fresh.report);
    await rollUpAll(open());
    expect((await reportAndEvents(open(), accountId)).report).toEqual(fresh.report);
  });

  it('pages through a report and its events, each once, in one order', async () => {
    const accountId = await insertAccount(open().sql);
    await many(accountId, 10, 5);
    await rollUpUsage(open().sql, 25);
    const reports = new UsageService(open().reports);
    const parameters = { group_by: 'user_identifier,day,key,model' };
    const whole = await reports.page(accountId, parameters, { after: undefined, limit: 1000 });
    const paged = await collect((after) => reports.page(accountId, parameters, { after, limit: 3 }));
    expect(whole.items.length).toBeGreaterThan(10);
    expect(paged).toEqual(whole.items);

    const list = new UsageEventsService(open().reports);
    for (const wanted of [{ attempts: 'all' }, { attempts: 'all', outcome: 'done', from: '2020-01-01' }]) {
      const all = await list.page(accountId, wanted, { after: undefined, limit: 1000 });
      expect(await collect((after) => list.page(accountId, wanted, { after, limit: 4 }))).toEqual(all.items);
      const [row] = await open().sql.query<{ n: string }>(
        `select count(*) as n from usage_event where account_id = $1 and outcome = coalesce($2, outcome)`,
        [accountId, wanted.outcome ?? null],
      );
      expect(String(all.items.length)).toBe(row?.n);
      const ids = all.items.map(({ requestId }) => requestId);
      expect(ids).toEqual(ids.toSorted().reverse());
    }
  });

  it('is the same when it is rebuilt from the events', async () => {
    const accountId = await insertAccount(open().sql);
    await many(accountId, 5, 20);
    await rollUpAll(open());
    const before = await hours(open());
    await open().sql.query(`update usage_hour set cost = cost + 1, requests = 0`);
    await rebuildUsage(open().sql);
    expect(await hours(open())).toEqual(before);
  });

  it('takes up what a hub of the version before has left out, beside new events, and reports stay exact', async () => {
    const accountId = await insertAccount(open().sql);
    await many(accountId, 2, 10);
    await rollUpAll(open());
    await many(accountId, 12, 5);
    await rollUpAsBefore(open());
    const compare = async (): Promise<void> => {
      const { report, events } = await reportAndEvents(open(), accountId);
      expect(report).toEqual(events);
    };
    await compare();
    let steps = 0;
    for (let step = ''; step !== 'done'; steps++) {
      if (steps < 4) await many(accountId, 1, 3);
      step = await rollUpUsage(open().sql, 7);
      await compare();
    }
    expect(steps).toBeGreaterThan(8);
    expect(await rollUpDrift(open().sql)).toEqual([]);
    const sums = 'sum(audio_ms) as sound, sum(characters) as characters, sum(searches) as searches';
    const tables = [
      'usage_hour',
      'usage_day',
      'usage_user_day',
      `usage_slice where span = 'day' and dimension = 'model'`,
    ];
    const [hour, ...others] = await Promise.all(
      tables.map((table) => open().sql.query(`select ${sums} from ${table}`)),
    );
    expect(others).toEqual([hour, hour, hour]);
  });

  it('reads no event without sound, characters and searches for what such a hub has left out', async () => {
    const account_id = await insertAccount(open().sql);
    await rollUpAll(open());
    const created_at = new Date();
    const one = { account_id, created_at, cost: '1' };
    await insertEvents(open().sql, [...Array.from({ length: 20 }, () => one), { ...one, searches: 3 }]);
    await rollUpAsBefore(open());
    // One hour, and one event.
    const page = { after: undefined, groupsMax: 1, rowsMax: 2 };
    const sums = await open().reports.snapshot((session) =>
      readUsageSums(session, account_id, readUsageQuery({}, new Date()), page),
    );
    expect(sums?.totals).toMatchObject({ requests: '21', cost: '21', searches: '3' });
    await rollUpAll(open());
  });

  it('makes all sums anew when a hub of the version before has emptied them', async () => {
    const accountId = await insertAccount(open().sql);
    await many(accountId, 5, 10);
    await rollUpAll(open());
    const before = await hours(open());
    await open().sql.transaction(async (session) => {
      await session.query(`truncate usage_hour, ${STATISTICS_TABLES.join(', ')}`);
      await session.query(
        `update usage_rollup_state set watermark = '0'::xid8, statistics_watermark = '0'::xid8, updated_at = now()`,
      );
    });
    // And has filled them again, as far as it knows them, before anybody looked.
    await rollUpAsBefore(open());
    expect(await rollUpUsage(open().sql)).toBe('emptied');
    const roller = new UsageRoller(open().sql);
    await roller.catchUp();
    await roller.onModuleDestroy();
    expect(await hours(open())).toEqual(before);
    expect(await rollUpDrift(open().sql)).toEqual([]);
  });

  /** What a dump of another server leaves: a watermark and events that are ahead of this server's transactions. */
  const restoreFromElsewhere = async (accountId: string): Promise<void> => {
    await many(accountId, 3, 10);
    await rollUpAll(open());
    await open().sql.query(`update usage_event set tx = (tx::text::bigint + 1000000000)::text::xid8`);
    await open().sql.query(`update usage_rollup_state set watermark = '1000000000'`);
    await many(accountId, 2, 10);
  };

  it('loses nothing of a database that was restored from another server', async () => {
    const accountId = await insertAccount(open().sql);
    await restoreFromElsewhere(accountId);
    expect(await rollUpUsage(open().sql)).toBe('foreign');
    await rebuildUsage(open().sql);
    expect(await rollUpDrift(open().sql)).toEqual([]);
    const [left] = await open().sql.query<{ n: string }>(
      `select count(*) as n from usage_event where tx >= (select watermark from usage_rollup_state)`,
    );
    expect(left).toEqual({ n: '0' });
    const { report, events } = await reportAndEvents(open(), accountId);
    expect(report).toEqual(events);
  });

  it('finds out by itself that it was restored from another server', async () => {
    const accountId = await insertAccount(open().sql);
    await restoreFromElsewhere(accountId);
    const roller = new UsageRoller(open().sql);
    await roller.catchUp();
    await roller.onModuleDestroy();
    const { report, events } = await reportAndEvents(open(), accountId);
    expect(report).toEqual(events);
    expect(await rollUpDrift(open().sql)).toEqual([]);
  });
}
