import { rollUpUsage } from '../../src/usage/roll-up-usage.js';
import { startHub, type TestHub } from '../support/hub.js';
import {
  fillUsage,
  itemsOf,
  NO_USAGE,
  newUsageAccount,
  query,
  USAGE_RANGE,
  type UsageAccount,
} from '../support/usage-account.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await startHub();
});
afterAll(() => hub.close());

describe('usage of another account', () => {
  it('is not seen: not by default, by key, by request id or by cursor', async () => {
    const [mine, other] = await Promise.all([newUsageAccount(hub), newUsageAccount(hub)]);
    const [holdId] = await other.add({ cost: '5', user_identifier: 'theirs' }, { cost: '6', model: 'second' });
    await mine.add({ cost: '1' }, { cost: '2', model: 'second' });
    for (const isRolledUp of [false, true]) {
      if (isRolledUp) await rollUpUsage(hub.sql);
      expect(await mine.data('')).toMatchObject({ totals: { requests: 2, cost: '0.000000003' } });
      expect(await mine.data(`?key_id=${other.keyId}`)).toMatchObject({ items: [], totals: NO_USAGE });
      expect(await mine.data('?user_identifier=theirs')).toMatchObject({ items: [], totals: NO_USAGE });
      expect(await mine.data(`/events?request_id=req_${holdId}`)).toEqual({ items: [], nextCursor: null });
      expect(await mine.data(`/events?key_id=${other.keyId}`)).toEqual({ items: [], nextCursor: null });
      const { nextCursor: theirPlace } = await other.data('?limit=1');
      const theirs = (await mine.data(`?limit=1&after=${theirPlace}`))['items'] as object[];
      expect(theirs).toMatchObject([{ model: 'second', requests: 1, cost: '0.000000002' }]);
      const { nextCursor: theirEvent } = await other.data('/events?limit=1');
      for (const item of itemsOf(await mine.data(`/events?after=${theirEvent}`)))
        expect(item['keyId']).toBe(mine.keyId);
    }
  });

  it('needs a key with the scope "user"', async () => {
    const { id, key } = await hub.createKey();
    await hub.sql.query(`update api_key set scopes = '{relay}' where id = $1`, [id]);
    for (const path of ['/api/user/usage', '/api/user/usage/events']) {
      const refused = await hub.fetch(path, { key });
      expect({ status: refused.status, body: await refused.json() }).toMatchObject({
        status: 403,
        body: { success: false, code: 'key_not_allowed' },
      });
      expect((await hub.fetch(path, { key: null })).status).toBe(401);
    }
  });
});

describe('hostile parameters', () => {
  const ATTACKS = [
    `' or 1=1 --`,
    `"; drop table usage_event; --`,
    `1) union select key_hash from api_key --`,
    `$1`,
    `%`,
    `_`,
    `%_\\`.repeat(80),
    `{"$ne":null}`,
    '../../etc/passwd',
    '\0',
    '\ud800',
    'x'.repeat(5_000),
  ];
  const NAMES = [
    'from',
    'to',
    'group_by',
    'time_zone',
    'model',
    'user_identifier',
    'key_id',
    'after',
    'limit',
    'format',
  ];
  const EVENT_NAMES = [
    'from',
    'to',
    'request_id',
    'model',
    'user_identifier',
    'key_id',
    'outcome',
    'attempts',
    'after',
    'limit',
  ];
  const LITERAL = ['model', 'user_identifier', 'outcome'];

  let account: UsageAccount;
  beforeAll(async () => {
    account = await newUsageAccount(hub);
    await fillUsage(account);
  });

  const attack = async (path: string, name: string): Promise<void> => {
    for (const text of ATTACKS) {
      const answer = await account.get(`${path}${query({ [name]: text })}`);
      const body = (await answer.json()) as { success: boolean; code?: string; message?: string; data?: { items: [] } };
      const seen = { name, text: text.slice(0, 30), status: answer.status };
      if (answer.status === 200) {
        expect({ ...seen, isLiteral: LITERAL.includes(name) }).toMatchObject({ isLiteral: true });
        expect(body.data?.items).toEqual([]);
      } else {
        expect(seen).toMatchObject({ status: 400 });
        expect(body.message).toContain(`"${name}"`);
        expect(body.message).not.toMatch(/syntax|postgres|relation|column/i);
      }
    }
  };

  it.each(NAMES)('in %s of the report are refused by name, or match nothing', (name) => attack('', name));
  it.each(EVENT_NAMES)('in %s of the events are refused by name, or match nothing', (name) => attack('/events', name));

  it.each(['?model[$ne]=x', '?model=a&model=b', '?channel_id=1', '?select=cost', '?__proto__=1', '/events?order=cost'])(
    '%s is refused rather than passed over',
    async (path) => {
      expect(await account.refusal(path)).toMatchObject({
        status: 400,
        body: { success: false, code: 'invalid_value' },
      });
    },
  );

  it('cannot change a cursor', async () => {
    const { nextCursor } = await account.data('?limit=1&group_by=model,user_identifier');
    const cursor = String(nextCursor);
    const changed = Buffer.from(cursor, 'base64url').toString().replace('flux', 'f');
    expect(
      await account.refusal(
        `?limit=1&group_by=model,user_identifier&after=${Buffer.from(changed).toString('base64url')}`,
      ),
    ).toMatchObject({ status: 400, body: { code: 'invalid_value' } });
    expect((await account.refusal(`?limit=1&after=${cursor}`)).status).toBe(400);
    expect((await account.refusal(`/events?after=${cursor}`)).status).toBe(400);
  });

  it('left every row where it was', async () => {
    expect(await account.data(query(USAGE_RANGE))).toMatchObject({ totals: { requests: 3 } });
    const errors = hub.logs.filter((line) => Number(line['level']) >= 50);
    expect(errors).toEqual([]);
  });
});

describe('a report that would read too much', () => {
  it('is refused with what to do, on the embedded database', async () => {
    const account = await newUsageAccount(hub);
    await hub.sql.query(
      `insert into usage_hour (hour, account_id, model, user_identifier, requests)
       select date_trunc('hour', now()), $1::bigint, 'gpt-4', n::text, 1 from generate_series(1, 50001) n`,
      [account.id],
    );
    expect(await account.refusal('')).toMatchObject({
      status: 503,
      body: { success: false, code: 'report_too_slow', message: expect.stringContaining('shorter time') },
    });
    expect(await account.data('?user_identifier=7')).toMatchObject({ totals: { requests: 1 } });
  });

  it('is refused also where single events are looked for', async () => {
    const account = await newUsageAccount(hub);
    await hub.sql.query(
      `insert into usage_event (hold_id, attempt, is_final, account_id, model, endpoint, outcome, cost)
       select uuid7_floor(now() - make_interval(secs => n)), 1, true, $1::bigint, 'gpt-4', 'chat', 'done', 1
         from generate_series(1, 50001) n`,
      [account.id],
    );
    expect(itemsOf(await account.data('/events'))).toHaveLength(100);
    expect(await account.refusal('/events?model=rare')).toMatchObject({
      status: 503,
      body: { code: 'report_too_slow' },
    });
    expect(await account.data(`/events?model=rare&to=2026-11-01`)).toMatchObject({ items: [] });
  });
});
