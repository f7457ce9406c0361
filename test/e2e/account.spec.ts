import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { LedgerService } from '../../src/account/ledger.service.js';
import type { LedgerFilter } from '../../src/account/ledger-query.js';
import { Reports } from '../../src/database/reports.js';
import { type Posting, postEntry } from '../../src/quota/post-entry.js';
import { setKeyBudget } from '../../src/quota/set-key-budget.js';
import { CodeHasher } from '../../src/redemption/code-hasher.js';
import { createCodes } from '../../src/redemption/code-store.js';
import { Keyring } from '../../src/secrets/keyring.js';
import { startHub, type TestHub } from '../support/hub.js';

const UNIT = 1_000_000n;

let hub: TestHub;
let account: string;
let key: { id: string; key: string };

beforeAll(async () => {
  // So that a test can come from an address of its own.
  hub = await startHub({ env: { HUB_TRUST_PROXY: '1' } });
});
afterAll(() => hub.close());
beforeEach(async () => {
  const [row] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('mine') returning id`);
  account = row!.id;
  key = await hub.createKey({ accountId: account });
});

const get = (path: string, headers: Record<string, string> = {}) => hub.fetch(path, { key: key.key, headers });
const post = (amount: bigint, more: Partial<Posting> = {}) =>
  postEntry(hub.sql, { kind: 'adjust', accountId: account, amount, ref: randomUUID(), actor: 'test', ...more });
/** Sets counters that only requests change. */
const setCounters = (counters: Record<string, bigint>) =>
  Promise.all(
    Object.entries(counters).map(([column, value]) =>
      hub.sql.query(`update account set ${column} = $2 where id = $1`, [account, value]),
    ),
  );
async function expectRefusal(answer: Response, status: number, code: string, message: RegExp): Promise<void> {
  expect(await answer.json()).toEqual({ success: false, message: expect.stringMatching(message), code });
  expect(answer.status).toBe(status);
}

describe('GET /api/user/quota', () => {
  it('answers as the document has it, first of all', async () => {
    await post(10_000n * UNIT);
    await setCounters({ debits_posted: 3500n * UNIT, used_posted: 3500n * UNIT });
    const answer = await get('/api/user/quota');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('cache-control')]).toEqual([
      200,
      'application/json; charset=utf-8',
      'no-store',
    ]);
    expect(await answer.text()).toBe(
      '{"success":true,"data":{"totalQuota":10000,"usedQuota":3500,"remainingQuota":6500,"heldQuota":0,' +
        '"exact":{"total":"10","used":"3.5","remaining":"6.5","held":"0"},"budget":[]}}',
    );
  });

  it('is exact to the last digit above 2^53', async () => {
    await post(9_007_199_254_740_993n);
    const { data } = (await (await get('/api/user/quota')).json()) as { data: { exact: { total: string } } };
    expect(data.exact.total).toBe('9007199.254740993');
    await post(9_214_364_837_600_034_814n);
    expect(await (await get('/api/user/quota')).text()).toContain(
      '"totalQuota":9223372036854,"usedQuota":0,"remainingQuota":9223372036854,"heldQuota":0,' +
        '"exact":{"total":"9223372036.854775807"',
    );
  });

  it('shows what running requests hold beside what remains', async () => {
    await post(10n * UNIT);
    await setCounters({ debits_pending: 1_500_000n });
    expect(await (await get('/api/user/quota')).json()).toMatchObject({
      data: { totalQuota: 10, usedQuota: 0, remainingQuota: 10, heldQuota: 2, exact: { held: '0.0015' } },
    });
  });

  it('shows the budgets of the key that asks, as of now', async () => {
    const [spent, past] = ['day', 'month'] as const;
    await setKeyBudget(hub.sql, { keyId: key.id, period: spent, limit: 10n * UNIT, timeZone: 'Asia/Shanghai' });
    await setKeyBudget(hub.sql, { keyId: key.id, period: past, limit: 20n * UNIT });
    await hub.sql.query(`update key_budget set posted = 4000000, pending = 1 where key_id = $1`, [key.id]);
    // A month that is over, in which nothing has moved since.
    await hub.sql.query(
      `update key_budget set period_end = now() - interval '1 hour' where key_id = $1 and period = $2`,
      [key.id, past],
    );
    const { data } = (await (await get('/api/user/quota')).json()) as { data: { budget: { resetsAt: string }[] } };
    const same = { limit: '0.01', pending: '0.000000001' };
    expect(data.budget).toEqual([
      {
        ...same,
        period: 'day',
        timeZone: 'Asia/Shanghai',
        used: '0.004',
        remaining: '0.005999999',
        resetsAt: expect.any(String),
      },
      {
        ...same,
        limit: '0.02',
        period: 'month',
        timeZone: 'UTC',
        used: '0',
        remaining: '0.019999999',
        resetsAt: expect.any(String),
      },
    ]);
    const midnight = new Date(data.budget[0]!.resetsAt);
    expect(midnight.getTime() - Date.now()).toBeGreaterThan(0);
    expect(midnight.getUTCHours()).toBe(16);
    const other = await hub.createKey({ accountId: account });
    expect(await (await hub.fetch('/api/user/quota', { key: other.key })).json()).toMatchObject({
      data: { budget: [] },
    });
  });

  it('needs a key, and one that may', async () => {
    await expectRefusal(await hub.fetch('/api/user/quota', { key: null }), 401, 'invalid_api_key', /No API key/);
    await hub.sql.query(`update api_key set scopes = '{relay}' where id = $1`, [key.id]);
    await expectRefusal(await get('/api/user/quota'), 403, 'key_not_allowed', /"user" requests/);
  });
});

describe('POST /api/user/redemption', () => {
  const redeem = (body: string, headers: Record<string, string> = {}, by = key.key) =>
    hub.fetch('/api/user/redemption', {
      method: 'POST',
      key: by,
      body,
      headers: { 'content-type': 'application/json', 'x-forwarded-for': `fd00::${account}`, ...headers },
    });

  it('adds the worth of a code, and answers the same request with the same key in the same words', async () => {
    const wanted = { amount: 5000n * UNIT, count: 1, maxUses: 1, batch: 'e2e', actor: 'test' };
    const { codes } = await createCodes(hub.sql, new CodeHasher(hub.app.get(Keyring)), wanted);
    const body = JSON.stringify({ code: codes[0] });
    const first = await redeem(body, { 'idempotency-key': 'once' });
    expect([first.status, first.headers.get('idempotent-replayed'), first.headers.get('cache-control')]).toEqual([
      200,
      null,
      'no-store',
    ]);
    const text = await first.text();
    expect(text).toBe('{"success":true,"data":{"addedQuota":5000,"totalQuota":5000}}');
    const again = await redeem(body, { 'idempotency-key': 'once' });
    expect([again.status, again.headers.get('idempotent-replayed'), again.headers.get('content-type')]).toEqual([
      200,
      'true',
      first.headers.get('content-type'),
    ]);
    expect(await again.text()).toBe(text);
    const other = await redeem(`${body} `, { 'idempotency-key': 'once' });
    await expectRefusal(other, 422, 'idempotency_key_reused', /another request body/);
    await expectRefusal(await redeem(body), 409, 'code_already_redeemed', /before/);
    // The code must not be in the log, where others could read and redeem it.
    expect(hub.logText()).not.toContain(codes[0]!.slice(-9));
  });

  it('answers 429 with the time to wait after ten codes that nobody has', async () => {
    const guess = '{"code":"REDEEM-0000-0000"}';
    for (let i = 0; i < 10; i++) await redeem(guess);
    const [row] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('neighbour') returning id`);
    const neighbour = (await hub.createKey({ accountId: row!.id })).key;
    const elsewhere = { 'x-forwarded-for': '203.0.113.9' };
    // The account from anywhere, and anybody from the address.
    for (const answer of [await redeem(guess, elsewhere), await redeem(guess, {}, neighbour)]) {
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(540);
      await expectRefusal(answer, 429, 'too_many_attempts', /try again in \d+ seconds/);
    }
    await expectRefusal(await redeem(guess, elsewhere, neighbour), 400, 'code_invalid', /cannot/);
  });

  it.each([
    ['{}', 'missing_required_parameter', /"code" is missing/],
    ['{"code":5}', 'invalid_value', /"code" must be text/],
    ['{"code":null}', 'invalid_value', /"code" must be text/],
    ['{"code":"a","code":"b"}', 'duplicate_parameter', /more than once/],
    ['["code"]', 'invalid_json', /JSON object/],
    ['{"code":', 'invalid_json', /JSON/],
    ['', 'invalid_json', /JSON/],
  ])('refuses the body %s, which counts as no guess', async (body, code, message) => {
    for (let i = 0; i < 12; i++) await expectRefusal(await redeem(body), 400, code, message);
  });

  it.each(['REDEEM-0000-0000-0000-0000', '', 'REDEEM\\u0000', '\\ud800', '兑换码'])(
    'gives the one answer to the code "%s"',
    async (code) => {
      await expectRefusal(await redeem(`{"code":"${code}"}`), 400, 'code_invalid', /cannot be redeemed/);
    },
  );

  it('refuses a body that is not JSON by its type, or is too large', async () => {
    const asText = await redeem('{}', { 'content-type': 'text/plain' });
    await expectRefusal(asText, 415, 'unsupported_media_type', /application\/json/);
    const large = await redeem(JSON.stringify({ code: 'x'.repeat(20_000) }));
    await expectRefusal(large, 413, 'request_too_large', /16384/);
  });

  it.each([
    ['', /1 to 255/],
    ['x'.repeat(256), /1 to 255/],
    ['schlüssel', /printable ASCII/],
  ])('refuses the Idempotency-Key "%s"', async (idempotencyKey, message) => {
    const answer = await redeem('{"code":"x"}', { 'idempotency-key': idempotencyKey });
    await expectRefusal(answer, 400, 'invalid_idempotency_key', message);
  });
});

describe('GET /api/user/ledger', () => {
  interface Page {
    data: {
      items: { id: string; kind: string; amount: string; ref: string; quota?: number }[];
      nextCursor: string | null;
    };
  }
  const list = async (query: string): Promise<Page['data']> =>
    ((await (await get(`/api/user/ledger?${query}`)).json()) as Page).data;

  it('lists what moved, newest first, with the request that a cost belongs to', async () => {
    const hold = '0198f2c1-a7b4-7c3e-9d5f-6a8b0c1d2e3f'.replace('0198', account.padStart(4, '0').slice(-4));
    const granted = await post(10n * UNIT, { kind: 'grant', ref: `g${account}`, reason: 'welcome' });
    const taken = await post(-1n, { ref: `a${account}` });
    await hub.sql.query(
      `insert into entry (kind, debit_id, credit_id, amount, ref, actor) values ('settle', $1, 1, 525000, $2, 'relay')`,
      [account, hold],
    );
    // Another account's, which must not show.
    await postEntry(hub.sql, { kind: 'grant', accountId: '1000', amount: 1n, ref: randomUUID(), actor: 'test' });
    const createdAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(await list('')).toEqual({
      items: [
        {
          id: expect.stringMatching(/^\d+$/),
          kind: 'settle',
          amount: '-0.000525',
          ref: `req_${hold.replaceAll('-', '')}`,
          reason: null,
          createdAt,
        },
        { id: taken.entryId, kind: 'adjust', amount: '-0.000000001', ref: `a${account}`, reason: null, createdAt },
        {
          id: granted.entryId,
          kind: 'grant',
          amount: '0.01',
          quota: 10,
          ref: `g${account}`,
          reason: 'welcome',
          createdAt,
        },
      ],
      nextCursor: null,
    });
  });

  it('reads so many entries and no more, however few of them are asked for', async () => {
    await hub.sql.query(
      `insert into entry (kind, debit_id, credit_id, amount, ref, actor, created_at)
       select 'settle', $1, 1, n, gen_random_uuid()::text, 'relay', timestamptz '2026-01-01' + make_interval(hours => n)
         from generate_series(1, 100) n`,
      [account],
    );
    const ledger = new LedgerService(new Reports(hub.sql, { rowsMax: 10, isFull: () => false }));
    const ask = (filter: Partial<LedgerFilter>, limit: number) =>
      ledger.list(account, { kind: undefined, beforeId: undefined, from: undefined, to: undefined, ...filter }, limit);
    expect((await ask({}, 10)).map(({ amount }) => amount)).toEqual([
      -100n,
      -99n,
      -98n,
      -97n,
      -96n,
      -95n,
      -94n,
      -93n,
      -92n,
      -91n,
    ]);
    const after = { from: new Date('2026-01-05T00:00:00Z') };
    expect((await ask(after, 10)).map(({ amount }) => amount)).toEqual([-100n, -99n, -98n, -97n, -96n]);
    for (const filter of [{ kind: 'expire' }, { to: new Date('2026-01-02') }] as const) {
      await expect(ask(filter, 10)).rejects.toMatchObject({ status: 503, code: 'report_too_slow' });
    }
    expect(await ask({ kind: 'grant' }, 10)).toEqual([]);
  });

  it('gives every entry once, page by page, also when new ones come between', async () => {
    for (let i = 1; i <= 7; i++) await post(BigInt(i) * UNIT * (i % 3 === 0 ? -1n : 1n), { ref: `p${account}:${i}` });
    const seen: (number | undefined)[] = [];
    let query = 'limit=3';
    for (;;) {
      const { items, nextCursor } = await list(query);
      seen.push(...items.map(({ quota }) => quota));
      if (nextCursor === null) break;
      expect(items).toHaveLength(3);
      query = `limit=3&after=${nextCursor}`;
      await post(99n * UNIT);
    }
    expect(seen).toEqual([7, -6, 5, 4, -3, 2, 1]);
  });

  it('filters by kind and time', async () => {
    await post(1n * UNIT, { kind: 'topup' });
    await post(2n * UNIT, { kind: 'grant' });
    await post(-1n * UNIT);
    await post(5n * UNIT);
    await post(-1n * UNIT, { kind: 'expire' });
    const quotaOf = async (query: string) => (await list(query)).items.map(({ quota }) => quota);
    expect(await quotaOf('kind=topup')).toEqual([1]);
    expect(await quotaOf('kind=adjust')).toEqual([5, -1]);
    expect(await quotaOf('kind=expire')).toEqual([-1]);
    expect(await quotaOf('kind=settle')).toEqual([]);
    expect((await list('from=2020-01-01')).items).toHaveLength(5);
    expect((await list('to=2020-01-01')).items).toEqual([]);
    expect((await list('from=2099-01-01T00:00:00%2B08:00')).items).toEqual([]);
  });

  it.each([
    ['limit=0', /"limit"/],
    ['limit=101', /1 to 100/],
    ['limit=5&limit=6', /"limit"/],
    ['after=12', /"after"/],
    ['kind=loss', /"kind" must be one of topup/],
    ['from=yesterday', /"from"/],
    ['to=2026-02-30', /"to"/],
    ['from=2026-02-01&to=2026-02-01', /"to" must be later/],
    ['format=xml', /"format"/],
    ['kinds=grant', /no parameter "kinds"/],
  ])('refuses %s by name', async (query, message) => {
    await expectRefusal(await get(`/api/user/ledger?${query}`), 400, 'invalid_value', message);
  });

  it('is CSV for spreadsheets, in which no text becomes a formula', async () => {
    await post(5000n * UNIT, { kind: 'grant', ref: `c${account}`, reason: '=HYPERLINK("http://x")' });
    await post(-1n, { ref: `+${account}` });
    const byQuery = await get('/api/user/ledger?format=csv');
    const byHeader = await get('/api/user/ledger', { accept: 'text/csv' });
    expect(byQuery.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(byQuery.headers.get('content-disposition')).toBe('attachment; filename="ledger.csv"');
    const text = await byQuery.text();
    expect(await byHeader.text()).toBe(text);
    const [header, taken, given, rest] = text.split('\r\n');
    expect(header).toBe('id,kind,amount,quota,ref,reason,createdAt');
    expect(taken).toMatch(new RegExp(`^\\d+,adjust,-0\\.000000001,,'\\+${account},,2`));
    expect(given).toContain(`,grant,5,5000,c${account},"'=HYPERLINK(""http://x"")",2`);
    expect(rest).toBe('');
    const json = await get('/api/user/ledger?format=json', { accept: 'text/csv' });
    expect(json.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('streams a long CSV in pages, each row once, up to its limit', async () => {
    await hub.sql.query(
      `insert into entry (kind, debit_id, credit_id, amount, ref, actor)
       select 'settle', $1, 1, n, gen_random_uuid()::text, 'relay' from generate_series(1, 2500) n`,
      [account],
    );
    const rowsOf = async (query: string) =>
      (await (await get(`/api/user/ledger?format=csv${query}`)).text()).trimEnd().split('\r\n').slice(1);
    const rows = await rowsOf('');
    expect(rows).toHaveLength(2500);
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(2500);
    expect(rows[0]).toContain(',-0.0000025,');
    expect(rows.at(-1)).toContain(',-0.000000001,');
    expect(await rowsOf('&limit=1001')).toEqual(rows.slice(0, 1001));
    await expectRefusal(await get('/api/user/ledger?format=csv&limit=100001'), 400, 'invalid_value', /1 to 100000/);
  });
});
