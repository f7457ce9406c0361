import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setKeyBudget } from '../../src/quota/set-key-budget.js';
import { balanceOf, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { readError } from '../support/relay-client.js';
import { until } from '../support/until.js';

const CHAT = '/api/relay/v1/chat/completions';

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
});
beforeEach(() => {
  upstream.reset();
  upstream.script({ in: 10, out: 20 });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

function ask(key: string, body: object = {}, signal?: AbortSignal): Promise<Response> {
  const request = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 20, ...body };
  return hub.post(CHAT, request, { key, signal });
}

describe('the limits of a key', () => {
  it('stand on every answer, as OpenAI writes them, and cost nothing when they refuse', async () => {
    const { key } = await hub.createKey({ limits: { rpm: 2, tpm: 100_000 } });
    const first = await ask(key);
    expect(first.status).toBe(200);
    expect(Object.fromEntries(first.headers)).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-limit-tokens': '100000',
      'x-ratelimit-reset-requests': expect.stringMatching(/^[\d.]+(ms|s|m[\d.]+s)$/),
    });
    const stream = await ask(key, { stream: true });
    expect(stream.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    await stream.text();
    const before = await balanceOf(hub.sql, hub.accountId);
    const refused = await ask(key);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    expect(await readError(refused)).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(await balanceOf(hub.sql, hub.accountId)).toEqual(before);
    expect(upstream.requests).toHaveLength(2);
  });

  it('in tokens are taken by estimate and corrected by what was used', async () => {
    const { key } = await hub.createKey({ limits: { tpm: 1000 } });
    upstream.script({ in: 10, out: 2 });
    const wide = await ask(key, { max_tokens: 900 });
    expect(wide.status).toBe(200);
    // The estimate was above 900; only 12 were used, so another one fits.
    expect((await ask(key, { max_tokens: 900 })).status).toBe(200);
    const tooLarge = await ask(key, { max_tokens: 2000 });
    expect(await readError(tooLarge)).toMatchObject({ status: 429, message: expect.stringContaining('too large') });
  });

  it('in requests at a time give a place back when a request ends, however it ends', async () => {
    const { key } = await hub.createKey({ limits: { concurrency: 1 } });
    upstream.script({ stall_headers: true });
    const abort = new AbortController();
    const first = ask(key, {}, abort.signal);
    first.catch(() => undefined);
    await until(() => upstream.requests.length === 1);
    expect((await ask(key)).status).toBe(429);
    abort.abort();
    upstream.script({ status: 500 });
    await until(async () => (await ask(key)).status !== 429);
    upstream.script({ in: 1, out: 1 });
    await until(async () => (await ask(key)).status === 200);
  });
});

describe('the limits of a model', () => {
  it('hold for all callers together', async () => {
    const channels = [{ name: 'main', baseUrl: upstream.url }];
    const price = { inputPerMillion: '1', outputPerMillion: '1' };
    await hub.setChannels(channels, [{ id: 'gpt-4', price, limits: { rpm: 1 } }]);
    const keys = [await hub.createKey(), await hub.createKey()];
    const statuses = [(await ask(keys[0]!.key)).status, (await ask(keys[1]!.key)).status];
    expect(statuses).toEqual([200, 429]);
    await hub.setChannels(channels);
  });
});

describe('the budget of a key', () => {
  it('refuses what it does not cover, with a code of its own, although the account is rich', async () => {
    const { id, key } = await hub.createKey();
    await setKeyBudget(hub.sql, { keyId: id, period: 'total', timeZone: 'UTC', limit: 100n * UNIT });
    expect((await ask(key)).status).toBe(200);
    const quota = (await (await hub.fetch('/api/user/quota', { key })).json()) as { data: { budget: object[] } };
    expect(quota.data.budget).toMatchObject([{ period: 'total', used: '0.05', remaining: '0.05' }]);
    expect((await ask(key)).status).toBe(200);
    expect(await readError(await ask(key))).toMatchObject({ status: 403, code: 'key_quota_exceeded' });
  });

  it('of a day begins anew with the day, in its time zone', async () => {
    const { id, key } = await hub.createKey();
    await setKeyBudget(hub.sql, { keyId: id, period: 'day', timeZone: 'Asia/Shanghai', limit: 60n * UNIT });
    expect((await ask(key)).status).toBe(200);
    expect((await ask(key)).status).toBe(403);
    await hub.sql.query(`update key_budget set period_end = now() - interval '1 s' where key_id = $1`, [id]);
    expect((await ask(key)).status).toBe(200);
  });
});
