import type { Database } from '../../src/database/database.js';
import type { SqlSession } from '../../src/database/sql.js';
import { ENTRY_KINDS, type EntriesFilter, listEntries } from '../../src/reporting/list-entries.js';
import type { ListAnswer, ListPage } from '../../src/reporting/list-page.js';
import { HOLD_STATES, listHolds, listRequests, type RequestsFilter } from '../../src/reporting/list-requests.js';
import { listUsageEvents, readAttempts, type UsageEventsFilter } from '../../src/reporting/list-usage-events.js';
import { Traffic, type TrafficEntry, type TrafficEvent, type TrafficHold } from './traffic.js';

const END = new Date('2026-11-20T10:25:00Z');
const HOURS = 60;
const ago = (hours: number): Date => new Date(END.getTime() - hours * 3_600_000);
const digits = (id: string): string => id.replaceAll('-', '');
const timeOf = (id: string): number => Number.parseInt(digits(id).slice(0, 12), 16);
const sorted = (order: 'newest' | 'oldest', ids: string[]): string[] =>
  order === 'oldest' ? ids.sort() : ids.sort().reverse();

/** Every page of a list. */
async function pages<Row>(read: (page: ListPage) => Promise<ListAnswer<Row>>, page: ListPage): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const answer = await read(after === undefined ? page : { ...page, after });
    expect(answer.rows.length).toBeLessThanOrEqual(page.first);
    rows.push(...answer.rows.map(({ row }) => row));
    after = answer.next;
  } while (after !== undefined);
  return rows;
}

/** The lists, as both databases promise them. */
export function describeLists(open: () => Database): void {
  let traffic: Traffic;
  const seed = Math.floor(Math.random() * 2 ** 31);

  beforeAll(async () => {
    traffic = await Traffic.of(open().sql, seed);
    await traffic.add(500, END, HOURS);
  });

  const report = <Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> =>
    open().reports.snapshot(work);

  /** One of each filter, and pairs of them. */
  function filters(): RequestsFilter[] {
    const [accountId = ''] = traffic.accountIds;
    const [keyId = ''] = traffic.keyIds.get(accountId) ?? [];
    const singles: RequestsFilter[] = [
      {},
      { accountId },
      { keyId },
      { model: '100%_x' },
      { channelId: '8' },
      { accountId, userIdentifier: '_' },
      { accountId, userIdentifier: '' },
      { accountId, userIdentifier: `${'长'.repeat(255)}x` },
      ...['done', 'failed', 'swept', 'overrun', 'client_gone'].map((outcome) => ({ outcome })),
      { from: ago(40), to: ago(11.5) },
      ...HOLD_STATES.map((state) => ({ state })),
      { kind: 'video' },
      { costMin: 1n, costMax: 10n },
      { costMin: 12_345n },
    ];
    return singles.flatMap((one, at) => singles.slice(at).map((other) => ({ ...one, ...other })));
  }

  const finalOf = (hold: TrafficHold): TrafficEvent | undefined =>
    traffic.events.find((event) => event.hold_id === hold.id && event.is_final);

  function holdMatches(hold: TrafficHold, filter: RequestsFilter): boolean {
    const final = finalOf(hold);
    const ms = timeOf(hold.id);
    return (
      (filter.accountId === undefined || hold.account_id === filter.accountId) &&
      (filter.keyId === undefined || hold.key_id === filter.keyId) &&
      (filter.model === undefined || hold.model === filter.model) &&
      (filter.userIdentifier === undefined || hold.user_identifier === filter.userIdentifier) &&
      (filter.channelId === undefined || final?.channel_id === filter.channelId) &&
      (filter.outcome === undefined || final?.outcome === filter.outcome) &&
      (filter.from === undefined || ms >= filter.from.getTime()) &&
      (filter.to === undefined || ms < filter.to.getTime()) &&
      (filter.state === undefined || hold.state === filter.state) &&
      (filter.kind === undefined || hold.kind === filter.kind) &&
      (filter.costMin === undefined || (hold.settled !== null && hold.settled >= filter.costMin)) &&
      (filter.costMax === undefined || (hold.settled !== null && hold.settled <= filter.costMax))
    );
  }

  it(`lists every request that fits once, in both directions (seed ${seed})`, async () => {
    for (const filter of filters()) {
      const wanted = traffic.holds.filter((hold) => holdMatches(hold, filter)).map(({ id }) => digits(id));
      for (const order of ['newest', 'oldest'] as const) {
        const rows = await report((session) =>
          pages((page) => listRequests(session, filter, page), { first: 70, order }),
        );
        expect({ filter: String(Object.entries(filter)), order, ids: rows.map(({ id }) => id) }).toEqual({
          filter: String(Object.entries(filter)),
          order,
          ids: sorted(order, [...wanted]),
        });
      }
    }
    const states = filters().filter(({ state }) => state !== undefined);
    for (const filter of states.slice(0, 12)) {
      const holds = await report((session) => pages((page) => listHolds(session, filter, page), { first: 100 }));
      const wanted = traffic.holds.filter((hold) => holdMatches(hold, filter)).map(({ id }) => digits(id));
      expect(holds.map(({ id }) => id)).toEqual(sorted('newest', wanted));
    }
  });

  it('shows of a request what its hold and its final attempt say, and its attempts in one statement', async () => {
    const rows = await report((session) => pages((page) => listRequests(session, {}, page), { first: 100 }));
    for (const row of rows) {
      const hold = traffic.holds.find(({ id }) => digits(id) === row.id);
      const final = hold && finalOf(hold);
      expect(row).toMatchObject({
        accountId: hold?.account_id,
        state: hold?.state,
        held: 20_000n,
        cost: hold?.settled === null ? null : BigInt(hold?.settled ?? -1),
        startedAt: new Date(hold?.created_at ?? 0),
        outcome: final?.outcome ?? null,
        endpoint: final?.endpoint ?? null,
        channelId: final?.channel_id ?? null,
        errorCode: final?.error_code ?? null,
        durationMs: final?.duration_ms ?? null,
      });
    }
    const ids = rows.slice(0, 90).map(({ id }) => id);
    let statements = 0;
    const attempts = await report((session) =>
      readAttempts(
        {
          query: (text, values) => {
            statements++;
            return session.query(text, values);
          },
        },
        ids,
      ),
    );
    expect(statements).toBe(1);
    for (const [at, id] of ids.entries()) {
      const wanted = traffic.events
        .filter((event) => digits(event.hold_id) === id)
        .map(({ attempt, cost }) => ({ attempt, cost: BigInt(cost) }));
      expect(attempts[at]?.map(({ attempt, cost }) => ({ attempt, cost }))).toEqual(wanted);
    }
  });

  it(`lists every attempt that fits once, in both directions (seed ${seed})`, async () => {
    const place = ({ hold_id, attempt }: TrafficEvent): string =>
      `${digits(hold_id)} ${String(attempt).padStart(4, '0')}`;
    const more: UsageEventsFilter[] = [
      { outcome: 'late' },
      { errorCode: 'timeout' },
      { isFinal: true },
      { isFinal: false, channelId: '7' },
    ];
    const plain = filters().filter((f) => (f.state ?? f.kind ?? f.costMin) === undefined);
    const all: UsageEventsFilter[] = [...plain, ...more];
    for (const filter of all) {
      const wanted = traffic.events.filter(
        (event) =>
          holdMatches(
            { ...event, id: event.hold_id, kind: '', state: '', amount: 0, settled: 0, closed_at: '' },
            {
              ...filter,
              channelId: undefined,
              outcome: undefined,
            },
          ) &&
          (filter.channelId === undefined || event.channel_id === filter.channelId) &&
          (filter.outcome === undefined || event.outcome === filter.outcome) &&
          (filter.errorCode === undefined || event.error_code === filter.errorCode) &&
          (filter.isFinal === undefined || event.is_final === filter.isFinal),
      );
      for (const order of ['newest', 'oldest'] as const) {
        const rows = await report((session) =>
          pages((page) => listUsageEvents(session, filter, page), { first: 90, order }),
        );
        const got = rows.map(({ holdId, attempt }) => `${holdId} ${String(attempt).padStart(4, '0')}`);
        expect(got).toEqual(sorted(order, wanted.map(place)));
      }
    }
  });

  it(`lists every entry that fits once, in both directions (seed ${seed})`, async () => {
    const [accountId = ''] = traffic.accountIds;
    const [entry] = traffic.entries.filter(({ kind }) => kind === 'grant');
    const kinds: EntriesFilter[] = ENTRY_KINDS.map((kind) => ({ kind }));
    const spans: EntriesFilter[] = [
      {},
      { from: ago(30) },
      { to: ago(20) },
      { from: ago(40), to: ago(10) },
      { from: ago(-2) },
      { to: ago(900) },
    ];
    const others: EntriesFilter[] = [
      {},
      { accountId },
      ...kinds,
      ...kinds.map((kind) => ({ ...kind, accountId })),
      { ref: entry?.ref ?? '' },
      { ref: '%', accountId },
    ];
    for (const filter of others.flatMap((other) => spans.map((span) => ({ ...other, ...span })))) {
      const wanted = traffic.entries.filter((row: TrafficEntry) => {
        const at = new Date(row.created_at);
        return (
          (filter.kind === undefined || row.kind === filter.kind) &&
          (filter.accountId === undefined || row.debit_id === filter.accountId || row.credit_id === filter.accountId) &&
          (filter.ref === undefined || row.ref === filter.ref) &&
          (filter.from === undefined || at >= filter.from) &&
          (filter.to === undefined || at < filter.to)
        );
      });
      for (const order of ['newest', 'oldest'] as const) {
        const rows = await report((session) =>
          pages((page) => listEntries(session, filter, page), { first: 80, order }),
        );
        const ids = wanted.map(({ id }) => Number(id)).sort((a, b) => (order === 'oldest' ? a - b : b - a));
        expect(rows.map(({ id }) => Number(id))).toEqual(ids);
      }
    }
  });

  it('looks at a bounded number of rows for a page, and goes on behind them', async () => {
    const { sql } = open();
    const [accountId = ''] = traffic.accountIds;
    const rare = { account_id: accountId, model: 'never-else' };
    await sql.query(
      `insert into usage_event (hold_id, attempt, is_final, account_id, model, endpoint, outcome, cost)
       select ('00000000' || lpad(to_hex(i), 4, '0') || '70008' || repeat('0', 15))::uuid, 1, true, $1::bigint,
              case when i = 3 then $2 else 'gpt-4' end, 'chat', 'done', 0 from generate_series(1, 1500) i`,
      [rare.account_id, rare.model],
    );
    try {
      const filter = { accountId, model: rare.model };
      const first = await report((session) => listUsageEvents(session, filter, { first: 10 }));
      expect({ rows: first.rows.length, hasNext: first.next !== undefined }).toEqual({ rows: 0, hasNext: true });
      const second = await report((session) =>
        listUsageEvents(session, filter, { first: 10, after: first.next ?? '' }),
      );
      expect({ rows: second.rows.length, hasNext: second.next !== undefined }).toEqual({ rows: 1, hasNext: false });
    } finally {
      await sql.query(`delete from usage_event where hold_id < '00000001-0000-0000-0000-000000000000'`);
    }
  });

  // T123
  it('takes every text of a filter literally, and refuses by name what no row can have', async () => {
    const none = await report((session) => listRequests(session, { model: `%' or 1=1 --` }, { first: 10 }));
    expect(none).toEqual({ rows: [], next: undefined });
    const [accountId = ''] = traffic.accountIds;
    const refusals: [RequestsFilter, Partial<ListPage>, string][] = [
      [{ model: 'a\0b' }, {}, 'model'],
      [{ accountId, userIdentifier: '\0' }, {}, 'userIdentifier'],
      [{ model: '%_\\'.repeat(1_000) }, {}, 'model'],
      [{ outcome: 'x'.repeat(257) }, {}, 'outcome'],
      [{ userIdentifier: 'a' }, {}, 'accountId'],
      [{ accountId: '1 or 1=1' }, {}, 'accountId'],
      [{ keyId: '99999999999999999999' }, {}, 'keyId'],
      [{ channelId: '-1' }, {}, 'channelId'],
      [{ costMin: 2n ** 70n }, {}, 'costMin'],
      [{ from: new Date(Number.NaN) }, {}, 'from'],
      [{}, { first: 0 }, 'first'],
      [{}, { first: 101 }, 'first'],
      [{}, { first: 1.5 }, 'first'],
      [{}, { after: 'x' }, 'after'],
      [{}, { after: Buffer.from(JSON.stringify([`' or 1=1`])).toString('base64url') }, 'after'],
    ];
    for (const [filter, page, param] of refusals) {
      const ask = report((session) => listRequests(session, filter, { first: 10, ...page }));
      await expect(ask).rejects.toMatchObject({ status: 400, param });
    }
    await expect(report((s) => listEntries(s, { ref: 'a\0' }, { first: 1 }))).rejects.toMatchObject({ param: 'ref' });
  });
}
