import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { formatCredits } from '../../src/common/credits.js';
import { Database } from '../../src/database/database.js';
import type { SqlSession } from '../../src/database/sql.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { countStatements } from '../support/count-statements.js';
import { HOSTILE_TEXTS, SQL_TRACES } from '../support/hostile-texts.js';
import { type HubOptions, type TestHub } from '../support/hub.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { isCustomers, Traffic, type TrafficEvent } from '../support/traffic.js';

const HOUR_MS = 3_600_000;
const SEED = 20261126;

const FIGURES = `figures { requests attempts errors estimated inputTokens cachedInputTokens cacheWriteTokens outputTokens
  reasoningTokens images videoMs audioMs characters searches durationMs cost loss`;
const TOTALS = `query ($filter: UsageFilter) { usage(filter: $filter) { asOf isComplete totals { from to ${FIGURES} } } } }`;
const WHOLE = `query ($filter: UsageFilter) { usage(filter: $filter) {
  totals { ${FIGURES} purchaseCost margin } }
  days: series(bucket: DAY) { bucket points { at ${FIGURES} purchaseCost margin } } }
  hours: series(bucket: HOUR) { points { ${FIGURES} purchaseCost margin } } }
  models: groups(by: MODEL, limit: 2) { groups { value name ${FIGURES} purchaseCost margin } }
    other { cost requests } hasOther totals { cost requests } }
  keys: groups(by: KEY, orderBy: REQUESTS, limit: 100) { groups { value name ${FIGURES} purchaseCost margin } } hasOther }
} }`;

type Figures = Record<string, number | string>;

/** What events come to, reckoned without the product, as the schema shows it. */
function figuresOf(events: readonly TrafficEvent[]): Figures {
  const sum = (value: (event: TrafficEvent) => number | boolean | null): number =>
    events.reduce((total, event) => total + Number(value(event) ?? 0), 0);
  const used = (value: (event: TrafficEvent) => number | null): number => sum((e) => (isCustomers(e) ? value(e) : 0));
  const money = (value: (event: TrafficEvent) => number | null): string => formatCredits(BigInt(sum(value)));
  return {
    requests: sum((e) => e.is_final),
    attempts: events.length,
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
    cost: money((e) => e.cost),
    loss: money((e) => e.loss),
  };
}

function costsOf(events: readonly TrafficEvent[]): Figures {
  const sum = (value: (event: TrafficEvent) => number | null): number =>
    events.reduce((total, event) => total + (value(event) ?? 0), 0);
  const purchaseCost = sum((e) => e.purchase_cost);
  return {
    purchaseCost: formatCredits(BigInt(purchaseCost)),
    margin: formatCredits(BigInt(sum((e) => e.cost) - purchaseCost)),
  };
}

describe('usage in the admin API', () => {
  describe('on the embedded database', () => {
    describeUsage(async () => ({}));
  });

  describeWithPostgres('on PostgreSQL', () => {
    let server: PostgresServer;
    describeUsage(
      async () => {
        server = await startPostgres();
        return { database: await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 }) };
      },
      () => server?.stop(),
    );
  });

  describeWithPostgres('while its sums are locked on PostgreSQL', () => {
    let server: PostgresServer;
    let hub: TestHub;
    beforeAll(async () => {
      server = await startPostgres();
      const database = await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 });
      hub = await startHub({ database });
    });
    afterAll(async () => {
      await hub?.close();
      await server?.stop();
    });

    it('says so after two seconds rather than wait or fail', async () => {
      const viewer = await signInAs(hub, 'viewer');
      await hub.sql.transaction(async (session) => {
        await session.query('lock table usage_hour in access exclusive mode');
        const { errors } = await viewer.send('{ usage { asOf } }');
        expect(errors?.[0]?.extensions).toMatchObject({ code: 'busy', status: 503, retryAfterSeconds: 2 });
      });
      expect((await viewer.data('{ usage { isComplete } }')).usage).toEqual({ isComplete: true });
    });
  });
});

function describeUsage(options: () => Promise<HubOptions>, after?: () => Promise<void>): void {
  let hub: TestHub;
  let traffic: Traffic;
  let viewer: AdminClient;
  let member: AdminClient;
  let own: string;
  let other: string;
  /** All of the traffic lies in it; full days, so that nothing is widened. */
  let span: { from: string; to: string };

  beforeAll(async () => {
    hub = await startHub(await options());
    // Ahead of now, so that no lease ends while the suite runs.
    const end = new Date(Date.now() + HOUR_MS);
    traffic = await Traffic.of(hub.sql, SEED);
    await traffic.add(300, end, 24 * 5);
    [own = '', other = ''] = traffic.accountIds;
    viewer = await signInAs(hub, 'viewer');
    member = await signInAs(hub, 'member', own);
    const day = (shift: number): string =>
      new Date(Math.floor(end.getTime() / (24 * HOUR_MS) + shift) * 24 * HOUR_MS).toISOString();
    span = { from: day(-8), to: day(2) };
  });
  afterAll(async () => {
    await hub?.close();
    await after?.();
  });

  const eventsOf = (wanted: Partial<TrafficEvent>): TrafficEvent[] =>
    traffic.events.filter((event) =>
      Object.entries(wanted).every(([name, value]) => event[name as keyof TrafficEvent] === value),
    );

  it('is what the events say, to the unit, whatever is filtered', async () => {
    const [keyId = ''] = traffic.keyIds.get(own) ?? [];
    const scopes: [object, Partial<TrafficEvent>][] = [
      [{}, {}],
      [{ model: '100%_x' }, { model: '100%_x' }],
      [{ channelId: '8' }, { channel_id: '8' }],
      [{ accountId: own }, { account_id: own }],
      [{ keyId }, { key_id: keyId }],
      [
        { accountId: own, userIdentifier: '%' },
        { account_id: own, user_identifier: '%' },
      ],
      [{ accountId: '999999' }, { account_id: '999999' }],
    ];
    for (const [filter, wanted] of scopes) {
      const { usage } = await viewer.data(TOTALS, { filter: { ...span, ...filter } });
      expect(usage.isComplete).toBe(true);
      expect(usage.totals).toMatchObject(span);
      expect({ filter, ...usage.totals.figures }).toEqual({ filter, ...figuresOf(eventsOf(wanted)) });
    }
  });

  it('comes by day, by hour and by group, and all of these add up to the totals', async () => {
    const { usage } = await viewer.data(WHOLE, { filter: span });
    const events = eventsOf({});
    const wanted = { ...figuresOf(events), ...costsOf(events) };
    expect(usage.totals.figures).toEqual(wanted);
    expect(usage.days).toMatchObject({ bucket: 'DAY' });
    expect(usage.days.points).toHaveLength(10);
    for (const { at, figures } of usage.days.points) {
      const ofDay = events.filter(({ created_at }) => created_at.slice(0, 10) === at.slice(0, 10));
      expect({ at, ...figures }).toEqual({ at, ...figuresOf(ofDay), ...costsOf(ofDay) });
    }
    const sumOf = (rows: { figures: Figures }[], name: string): number =>
      rows.reduce((sum, { figures }) => sum + Number(figures[name]), 0);
    expect(sumOf(usage.hours.points, 'requests')).toBe(wanted['requests']);
    expect(usage.models.groups).toHaveLength(2);
    for (const { value, name, figures } of usage.models.groups) {
      const ofModel = eventsOf({ model: value });
      expect({ name, ...figures }).toEqual({ name: value, ...figuresOf(ofModel), ...costsOf(ofModel) });
    }
    expect(usage.models).toMatchObject({
      hasOther: true,
      totals: { cost: wanted['cost'], requests: wanted['requests'] },
    });
    expect(sumOf(usage.models.groups, 'requests') + usage.models.other.requests).toBe(wanted['requests']);
    expect(usage.keys.hasOther).toBe(false);
    for (const { value, name, figures } of usage.keys.groups) {
      expect(name).toBe(value === null ? null : 'k');
      const ofKey = eventsOf({ key_id: value });
      expect({ value, ...figures }).toEqual({ value, ...figuresOf(ofKey), ...costsOf(ofKey) });
    }
  });

  it('is the last 24 hours without a span', async () => {
    const { usage } = await viewer.data(TOTALS);
    const from = Date.parse(usage.totals.from);
    expect(Date.parse(usage.totals.to) - from).toBe(25 * HOUR_MS);
    expect(Math.abs(Date.parse(usage.asOf) - Date.now())).toBeLessThan(60_000);
  });

  it('names the account of each end user, and only one key of the same name', async () => {
    const query = `query ($filter: UsageFilter) { usage(filter: $filter) {
      groups(by: USER_IDENTIFIER, limit: 100) { groups { value accountId figures { requests cost } } } } }`;
    const { usage } = await viewer.data(query, { filter: span });
    expect(usage.groups.groups).toHaveLength(traffic.accountIds.length * traffic.users.length);
    for (const { value, accountId, figures } of usage.groups.groups) {
      const { requests, cost } = figuresOf(eventsOf({ user_identifier: value, account_id: accountId }));
      expect({ value, ...figures }).toEqual({ value, requests, cost });
    }
  });

  it('is to members that of the own account, without channels and what the hub pays', async () => {
    const { usage } = await member.data(TOTALS, { filter: span });
    expect(usage.totals.figures).toEqual(figuresOf(eventsOf({ account_id: own })));
    const asked = (part: string, filter: object = {}): Promise<unknown> =>
      member.code(`query ($filter: UsageFilter) { usage(filter: $filter) { ${part} } }`, {
        filter: { ...span, ...filter },
      });
    const totals = 'totals { figures { requests } }';
    expect(await asked(totals, { accountId: other })).toBe('not_found');
    expect(await asked(totals, { accountId: '999999' })).toBe('not_found');
    expect(await asked(totals, { channelId: '7' })).toBe('forbidden');
    expect(await asked('groups(by: CHANNEL) { groups { value } }')).toBe('forbidden');
    expect(await asked('groups(by: MODEL, orderBy: MARGIN) { groups { value } }')).toBe('forbidden');
    expect(await asked('groups(by: MODEL, orderBy: PURCHASE_COST) { groups { value } }')).toBe('forbidden');
    expect(await asked('totals { figures { purchaseCost } }')).toBe('forbidden');
    expect(await asked('groups(by: MODEL) { groups { figures { margin } } }')).toBe('forbidden');
    // A key of another account has used nothing on the own one.
    const [foreign] = traffic.keyIds.get(other) ?? [];
    const { usage: none } = await member.data(TOTALS, { filter: { ...span, keyId: foreign } });
    expect(none.totals.figures).toMatchObject({ requests: 0, cost: '0' });
    const accounts = await member.data(
      'query ($filter: UsageFilter) { usage(filter: $filter) { groups(by: ACCOUNT) { groups { value } } } }',
      { filter: span },
    );
    expect(accounts.usage.groups.groups).toEqual([{ value: own }]);
  });

  it('refuses what it cannot sum up, naming the field, and the other figures of the request are there', async () => {
    const { data, errors } = await viewer.send(
      `query ($filter: UsageFilter) { usage(filter: $filter) {
         totals { figures { requests } } groups(by: USER_IDENTIFIER, orderBy: TOKENS) { groups { value } } } }`,
      { filter: span },
    );
    expect(data.usage).toEqual({
      totals: { figures: { requests: figuresOf(traffic.events)['requests'] } },
      groups: null,
    });
    expect(errors).toMatchObject([
      { path: ['usage', 'groups'], extensions: { code: 'invalid_value', param: 'orderBy' } },
    ]);
    const refused = async (part: string, filter: object): Promise<unknown> => {
      const answer = await viewer.send(`query ($filter: UsageFilter) { usage(filter: $filter) { ${part} } }`, {
        filter,
      });
      return answer.errors?.[0]?.extensions;
    };
    const totals = 'totals { figures { requests } }';
    expect(await refused(totals, { from: span.to, to: span.from })).toMatchObject({ param: 'from' });
    expect(await refused(totals, { from: '2024-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' })).toMatchObject({
      code: 'range_too_long',
    });
    expect(await refused(totals, { from: '1815-12-10T00:00:00Z' })).toMatchObject({ param: 'filter.from' });
    expect(await refused(totals, { userIdentifier: 'a' })).toMatchObject({ code: 'filter_required' });
    expect(await refused('groups(by: MODEL, limit: 101) { hasOther }', span)).toMatchObject({ param: 'limit' });
    expect(await refused('groups(by: MODEL, limit: 0) { hasOther }', span)).toMatchObject({ param: 'limit' });
    expect(
      await refused('series(bucket: HOUR) { bucket }', { from: '2026-01-01T00:00:00Z', to: span.to }),
    ).toMatchObject({
      code: 'range_too_long',
    });
    const many = Array.from({ length: 13 }, (_, at) => `t${at}: ${totals}`).join(' ');
    expect(await refused(many, span)).toMatchObject({ code: 'operation_too_large' });
  });

  it('takes hostile filters for text, or refuses them by name', async () => {
    const query = `query ($filter: UsageFilter) { usage(filter: $filter) {
      totals { figures { requests } } groups(by: MODEL) { groups { value } } } }`;
    // With some of these filters a few days are summed up at most.
    const days = { from: new Date(Date.now() - 48 * HOUR_MS).toISOString(), to: span.to };
    for (const value of HOSTILE_TEXTS) {
      for (const name of ['accountId', 'keyId', 'channelId', 'model', 'userIdentifier']) {
        // Requests that named no end user are some.
        if (name === 'userIdentifier' && value === '') continue;
        const filter = name === 'userIdentifier' ? { accountId: own, [name]: value } : { [name]: value };
        const { data, errors } = await viewer.send(query, { filter: { ...days, ...filter } });
        if (errors === undefined) {
          expect(data.usage).toEqual({ totals: { figures: { requests: 0 } }, groups: { groups: [] } });
        } else {
          expect(errors[0]?.extensions).toMatchObject({ status: 400, param: name });
          expect(JSON.stringify(errors)).not.toMatch(SQL_TRACES);
        }
      }
    }
  });

  it('reads all figures of a request in one snapshot, and the names of all groups in one statement', async () => {
    const { adminSql } = hub.app.get(Database);
    const transaction = adminSql.transaction.bind(adminSql);
    const snapshots: string[][] = [];
    const spy = jest.spyOn(adminSql, 'transaction').mockImplementation((work) =>
      transaction(async (session) => {
        const texts: string[] = [];
        const noting: SqlSession = {
          query: (text, parameters) => {
            texts.push(text);
            return session.query(text, parameters);
          },
        };
        const result = await work(noting);
        // The embedded database has one connection: what others do meanwhile is left out.
        if (texts.some((text) => text.includes('usage_slice'))) snapshots.push(texts);
        return result;
      }),
    );
    const groups = 'groups(by: KEY, limit: 100) { groups { value name } }';
    const ask = (parts: string): Promise<unknown> =>
      viewer.data(`query ($filter: UsageFilter) { usage(filter: $filter) { ${parts} } }`, { filter: span });
    try {
      const statements = await countStatements(hub, () => ask(groups));
      // Who asks, and the names.
      expect(statements).toBeLessThanOrEqual(3);
      expect(snapshots).toHaveLength(1);
      expect(snapshots[0]?.length).toBeLessThanOrEqual(10 - statements);
      await ask(`asOf isComplete totals { from } a: series(bucket: DAY) { from } b: ${groups}`);
      expect(snapshots).toHaveLength(2);
      expect(snapshots[1]?.[0]).toMatch(/repeatable read, read only/);
    } finally {
      spy.mockRestore();
    }
  });
}
