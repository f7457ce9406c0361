import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { formatCredits } from '../../src/common/credits.js';
import { encodeCursor } from '../../src/common/keyset-cursor.js';
import { Database } from '../../src/database/database.js';
import { type AdminClient, signInAs } from '../support/admin.js';
import { startHub } from '../support/admin-hub.js';
import { countStatements } from '../support/count-statements.js';
import { HOSTILE_TEXTS, SQL_TRACES } from '../support/hostile-texts.js';
import { type HubOptions, type TestHub } from '../support/hub.js';
import { describeWithPostgres, type PostgresServer, startPostgres } from '../support/postgres.js';
import { Traffic, type TrafficHold } from '../support/traffic.js';

const HOUR_MS = 3_600_000;
const EVENT = `requestId attempt isFinal accountId accountName keyId keyName model endpoint userIdentifier outcome errorCode
  isEstimated inputTokens outputTokens cost loss createdAt`;
const STAFF = 'channelId channelName';
const REQUEST = `id accountId accountName keyId keyName model userIdentifier kind state held cost startedAt endedAt endpoint
  outcome errorCode isEstimated inputTokens outputTokens durationMs firstTokenMs`;
const HOLD = `requestId accountId accountName keyId keyName model kind state amount metered settled createdAt closedAt`;
const ENTRY = `id kind accountId accountName change debitAccountId creditAccountId amount ref requestId reason createdAt`;
const PAGE = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

const list = (field: string, filter: string, nodes: string): string =>
  `query ($filter: ${filter}, $first: Int, $after: String, $orderBy: TimeOrder) {
     list: ${field}(filter: $filter, first: $first, after: $after, orderBy: $orderBy) { nodes { ${nodes} } ${PAGE} } }`;
const REQUESTS = list('requests', 'RequestsFilterInput', `${REQUEST} ${STAFF} attempts { ${EVENT} ${STAFF} }`);
const OWN_REQUESTS = list('requests', 'RequestsFilterInput', `${REQUEST} attempts { ${EVENT} }`);
const EVENTS = list('usageEvents', 'UsageEventsFilterInput', `${EVENT} ${STAFF} upstreamModel purchaseCost`);
const ENTRIES = list('ledgerEntries', 'LedgerEntriesFilter', `${ENTRY} actor`);
const HOLDS = list('holds', 'RequestsFilterInput', `${HOLD} owner leaseUntil`);

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it asked for.
type Row = any;

describe('requests, attempts, entries and holds in the admin API', () => {
  describe('on the embedded database', () => {
    describeLists(async () => ({}));
  });

  describeWithPostgres('on PostgreSQL', () => {
    let server: PostgresServer;
    describeLists(async () => {
      server = await startPostgres();
      return { database: await Database.open({ url: server.url, dataDir: '', poolMax: 4, ledgerPoolMax: 2 }) };
    });
    afterAll(() => server?.stop());
  });
});

function describeLists(options: () => Promise<HubOptions>): void {
  let hub: TestHub;
  let traffic: Traffic;
  let viewer: AdminClient;
  let member: AdminClient;
  let stranger: AdminClient;
  let own: string;
  let other: string;
  const end = new Date(Date.now() + HOUR_MS);

  beforeAll(async () => {
    hub = await startHub(await options());
    traffic = await Traffic.of(hub.sql, 5);
    // Ahead of now, so that no lease ends while the suite runs.
    await traffic.add(120, end, 48);
    [own = '', other = ''] = traffic.accountIds;
    while (holdsOf({ state: 'open', account_id: own }).length === 0) await traffic.add(5, end, 48);
    viewer = await signInAs(hub, 'viewer');
    member = await signInAs(hub, 'member', own);
    stranger = await signInAs(hub, 'member', hub.accountId);
  });
  afterAll(() => hub?.close());

  const all = async (client: AdminClient, query: string, filter: object = {}, rest: object = {}): Promise<Row[]> => {
    const rows: Row[] = [];
    let after: string | undefined;
    do {
      const { list: page } = await client.data(query, { filter, first: 37, after, ...rest });
      expect(page.pageInfo.hasPreviousPage).toBe(after !== undefined);
      rows.push(...page.nodes);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : undefined;
    } while (after !== undefined);
    return rows;
  };
  const idOf = ({ id }: TrafficHold): string => `req_${id.replaceAll('-', '')}`;
  const newest = (holds: readonly TrafficHold[]): string[] => holds.map(idOf).sort().reverse();
  const holdsOf = (wanted: Partial<TrafficHold>): string[] =>
    newest(
      traffic.holds.filter((hold) =>
        Object.entries(wanted).every(([name, value]) => hold[name as keyof TrafficHold] === value),
      ),
    );

  it('are listed page by page, each once and newest first, while others begin', async () => {
    const before = newest(traffic.holds);
    const first = await viewer.data(REQUESTS, { first: 70 });
    await traffic.add(5, new Date(end.getTime() + HOUR_MS), 0.9);
    const ids = first.list.nodes.map(({ id }: Row) => id);
    const second = await viewer.data(REQUESTS, { first: 100, after: first.list.pageInfo.endCursor });
    expect([...ids, ...second.list.nodes.map(({ id }: Row) => id)]).toEqual(before);
    expect((await all(viewer, REQUESTS, {}, { orderBy: 'OLDEST_FIRST' })).map(({ id }) => id)).toEqual(
      newest(traffic.holds).reverse(),
    );
  });

  it('have their attempts with the reasons, names of what they refer to, and what they cost', async () => {
    const rows = await all(viewer, REQUESTS);
    for (const row of rows) {
      const events = traffic.events.filter(({ hold_id }) => hold_id.replaceAll('-', '') === row.id.slice(4));
      const last = events.find(({ is_final }) => is_final);
      const hold = traffic.holds.find((each) => idOf(each) === row.id);
      expect(row).toMatchObject({
        accountId: hold?.account_id,
        keyName: hold?.key_id == null ? null : 'k',
        state: hold?.state.toUpperCase(),
        cost: hold?.settled == null ? null : formatCredits(BigInt(hold.settled)),
        outcome: last?.outcome ?? null,
        errorCode: last?.error_code ?? null,
        channelId: last?.channel_id ?? null,
      });
      expect(row.attempts.map(({ outcome, errorCode, cost }: Row) => [outcome, errorCode, cost])).toEqual(
        events.map(({ outcome, error_code, cost }) => [outcome, error_code, formatCredits(BigInt(cost))]),
      );
    }
    expect(rows.some(({ attempts }) => attempts.length > 2)).toBe(true);
    expect(rows.some(({ state }) => state === 'OPEN')).toBe(true);
  });

  it('are filtered by what they are asked for', async () => {
    const [keyId = ''] = traffic.keyIds.get(own) ?? [];
    const cases: [object, Partial<TrafficHold>][] = [
      [{ accountId: own }, { account_id: own }],
      [{ keyId }, { key_id: keyId }],
      [{ model: '100%_x' }, { model: '100%_x' }],
      [{ model: '%' }, { model: '%' }],
      [
        { accountId: own, userIdentifier: '%' },
        { account_id: own, user_identifier: '%' },
      ],
      [{ state: 'OPEN' }, { state: 'open' }],
      [{ state: 'SWEPT' }, { state: 'swept' }],
      [{ kind: 'JOB' }, { kind: 'video' }],
    ];
    for (const [filter, wanted] of cases) {
      const ids = (await all(viewer, REQUESTS, filter)).map(({ id }) => id);
      expect({ filter, ids }).toEqual({ filter, ids: holdsOf(wanted) });
      const held = (await all(viewer, HOLDS, filter)).map(({ requestId }) => requestId);
      expect(held).toEqual(ids);
    }
    const dear = await all(viewer, REQUESTS, { costMin: formatCredits(10n), costMax: formatCredits(10n) });
    expect(dear.map(({ id }) => id)).toEqual(holdsOf({ settled: 10 }));
    const from = new Date(end.getTime() - 24 * HOUR_MS).toISOString();
    expect((await all(viewer, REQUESTS, { from })).length + (await all(viewer, REQUESTS, { to: from })).length).toBe(
      traffic.holds.length,
    );
    const failed = await all(viewer, EVENTS, { errorCode: 'rate_limited', isFinal: true });
    expect(failed).toHaveLength(traffic.events.filter(({ error_code }) => error_code === 'rate_limited').length);
  });

  it('are found by their id, by those whose they are', async () => {
    const query = 'query ($id: ID!) { request(id: $id) { id attempts { attempt } } }';
    for (const id of [holdsOf({ account_id: own })[3], holdsOf({ state: 'open', account_id: own })[0]]) {
      expect((await viewer.data(query, { id })).request.id).toBe(id);
      expect((await member.data(query, { id })).request.id).toBe(id);
      expect(await stranger.code(query, { id })).toBe('not_found');
    }
    for (const id of [`req_${'0'.repeat(32)}`, `req_${'f'.repeat(32)}`, own, ...HOSTILE_TEXTS]) {
      expect(await viewer.code(query, { id })).toBe('not_found');
    }
  });

  it('are to members those of the own account, without channels, instances and what others were refused for', async () => {
    const rows = await all(member, OWN_REQUESTS);
    expect(rows.map(({ id }) => id)).toEqual(holdsOf({ account_id: own }));
    const attempts = rows.flatMap((row) => row.attempts);
    expect(attempts.some(({ isFinal }: Row) => !isFinal)).toBe(true);
    expect(attempts.filter(({ isFinal, errorCode }: Row) => !isFinal && errorCode !== null)).toEqual([]);
    expect(await all(stranger, OWN_REQUESTS)).toEqual([]);
    const code = (field: string, nodes: string, filter = ''): Promise<unknown> =>
      member.code(`{ ${field}${filter} { nodes { ${nodes} } } }`);
    for (const field of ['requests', 'usageEvents', 'holds', 'ledgerEntries']) {
      expect(await code(field, 'accountId', `(filter: { accountId: "${other}" })`)).toBe('not_found');
    }
    expect(await code('requests', 'channelId')).toBe('forbidden');
    expect(await code('requests', 'channelName')).toBe('forbidden');
    expect(await code('requests', 'attempts { channelId }')).toBe('forbidden');
    expect(await code('requests', 'id', '(filter: { channelId: "7" })')).toBe('forbidden');
    expect(await code('usageEvents', 'upstreamModel')).toBe('forbidden');
    expect(await code('usageEvents', 'purchaseCost')).toBe('forbidden');
    expect(await code('usageEvents', 'requestId', '(filter: { errorCode: "timeout" })')).toBe('forbidden');
    expect(await code('holds', 'owner')).toBe('forbidden');
    expect(await code('ledgerEntries', 'actor')).toBe('forbidden');
    const [foreign] = traffic.keyIds.get(other) ?? [];
    expect(await all(member, OWN_REQUESTS, { keyId: foreign })).toEqual([]);
  });

  it('of the ledger say by how much a balance changed, and for which request', async () => {
    const entries = await all(viewer, ENTRIES, { accountId: own });
    const ours = traffic.entries.filter(({ debit_id, credit_id }) => debit_id === own || credit_id === own);
    expect(entries.map(({ id }) => id)).toEqual(ours.map(({ id }) => id).sort((a, b) => Number(b) - Number(a)));
    for (const { id, change, accountId, amount } of entries) {
      const entry = ours.find((each) => each.id === id)!;
      const signed = BigInt(entry.credit_id === own ? entry.amount : -entry.amount);
      expect({ change, accountId, amount }).toEqual({
        change: formatCredits(signed),
        accountId: own,
        amount: formatCredits(BigInt(entry.amount)),
      });
    }
    const ids = entries.map(({ id }) => id);
    const ownEntries = list('ledgerEntries', 'LedgerEntriesFilter', ENTRY);
    expect((await all(member, ownEntries)).map(({ id }) => id)).toEqual(ids);
    const settled = entries.find(({ kind }) => kind === 'SETTLE');
    expect(settled.requestId).toMatch(/^req_[0-9a-f]{32}$/);
    const ofRequest = await all(viewer, ENTRIES, { requestId: settled.requestId });
    expect(ofRequest.map(({ id }) => id)).toContain(settled.id);
    expect(await all(member, ownEntries, { ref: settled.ref, kind: 'SETTLE' })).toHaveLength(1);
    expect(await all(stranger, ownEntries, { ref: settled.ref, kind: 'SETTLE' })).toEqual([]);
    expect(await viewer.code(ENTRIES, { filter: { ref: 'a', requestId: settled.requestId } })).toBe('invalid_value');
  });

  it('take at most ten statements a page, with all that belongs to their rows', async () => {
    for (const query of [REQUESTS, EVENTS, ENTRIES, HOLDS]) {
      for (const filter of query === ENTRIES ? [{}, { accountId: own }] : [{}, { accountId: own, model: 'gpt-4' }]) {
        const statements = await countStatements(hub, () => viewer.data(query, { first: 100, filter }));
        expect(statements).toBeGreaterThan(2);
        expect(statements).toBeLessThanOrEqual(10);
      }
    }
  });

  it('take hostile filters, cursors and sizes for text, or refuse them by name', async () => {
    const filters: Readonly<Record<string, readonly string[]>> = {
      [REQUESTS]: ['accountId', 'keyId', 'channelId', 'model', 'userIdentifier', 'outcome'],
      [EVENTS]: ['accountId', 'keyId', 'channelId', 'model', 'userIdentifier', 'outcome', 'errorCode'],
      [ENTRIES]: ['accountId', 'requestId', 'ref'],
      [HOLDS]: ['accountId', 'keyId', 'model', 'userIdentifier'],
    };
    const cursors = [...HOSTILE_TEXTS, encodeCursor(['x']), encodeCursor([randomUUID(), '1', '2']), encodeCursor([])];
    const expectHarmless = async (query: string, variables: object, param: RegExp): Promise<void> => {
      const { data, errors } = await viewer.send(query, { first: 2, ...variables });
      if (errors === undefined) {
        expect(data.list.nodes).toEqual([]);
        return;
      }
      expect(errors[0]?.extensions).toMatchObject({ status: 400, param: expect.stringMatching(param) });
      expect(JSON.stringify(errors)).not.toMatch(SQL_TRACES);
    };
    for (const [query, names] of Object.entries(filters)) {
      for (const value of HOSTILE_TEXTS) {
        for (const name of names) {
          // Requests that named no end user are some.
          if (name === 'userIdentifier' && value === '') continue;
          const filter = name === 'userIdentifier' ? { accountId: own, [name]: value } : { [name]: value };
          await expectHarmless(query, { filter }, new RegExp(`^(filter\\.)?${name}$`));
        }
      }
      for (const after of cursors) await expectHarmless(query, { after }, /^after$/);
      expect(await viewer.code(query, { orderBy: 'id; drop table hold' })).toBe('bad_user_input');
      for (const first of [0, -1, 101, 2 ** 31 - 1]) {
        expect(await viewer.code(query, { first })).toMatch(/^(invalid_value|operation_too_large)$/);
      }
      for (const from of ['-000001-01-01T00:00:00Z', '1969-12-31T23:59:59Z', '+275760-09-13T00:00:00Z']) {
        const { errors } = await viewer.send(query, { filter: { from } });
        expect(errors?.[0]?.extensions['code']).toMatch(/^(invalid_value|bad_user_input|graphql_validation_failed)$/);
      }
    }
    const [row] = await hub.sql.query<{ events: number }>('select count(*)::int as events from usage_event');
    expect(row?.events).toBe(traffic.events.length);
  });
}
