import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { balanceOf, setAvailable, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { readError } from '../support/relay-client.js';
import { declareScripted } from '../support/scripted-channels.js';
import { until } from '../support/until.js';

const CHAT = '/api/relay/v1/chat/completions';
const EMBEDDINGS = '/api/relay/v1/embeddings';

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

/** Posts with an Idempotency-Key. */
function send(idempotencyKey: string, body: object = {}, path = CHAT, key?: string): Promise<Response> {
  return hub.fetch(path, {
    method: 'POST',
    key,
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], ...body }),
  });
}

async function used(): Promise<bigint> {
  return (await balanceOf(hub.sql, hub.accountId)).used;
}

describe('an Idempotency-Key on a relay route', () => {
  it('gives the same answer again without asking or charging anybody again', async () => {
    await declareScripted(hub, upstream, [{ in: 10, out: 20 }]);
    const key = randomUUID();
    const before = await used();
    const first = await send(key);
    const body = await first.text();
    const again = await send(key);
    expect(again.status).toBe(200);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(await again.text()).toBe(body);
    expect(upstream.executions).toBe(1);
    expect((await used()) - before).toBe(50n * UNIT);
  });

  it('lets one of many simultaneous requests through', async () => {
    await declareScripted(hub, upstream, [{ delay_ms: 1000, in: 1, out: 1 }]);
    const key = randomUUID();
    const before = await used();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(key)));
    const isFirst = (answer: Response): boolean =>
      answer.status === 200 && answer.headers.get('idempotent-replayed') === null;
    expect(answers.filter(isFirst)).toHaveLength(1);
    const refused = answers.find((answer) => answer.status === 409)!;
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await readError(refused)).code).toBe('idempotency_key_in_use');
    expect(upstream.executions).toBe(1);
    expect((await used()) - before).toBe(3n * UNIT);
  });

  // T022
  it('refuses another body, and is another key on another route and for another account', async () => {
    upstream.script({ in: 1, out: 1 });
    const models = new Map(['gpt-4', 'text-embedding-3-small'].map((model) => [model, model]));
    await hub.setChannels([{ name: 'both', baseUrl: upstream.url, models }]);
    const key = randomUUID();
    expect((await send(key)).status).toBe(200);
    const reused = await send(key, { temperature: 1 });
    expect(await readError(reused)).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    expect(
      (await send(key, { model: 'text-embedding-3-small', input: 'text', messages: undefined }, EMBEDDINGS)).status,
    ).toBe(200);
    const [account] = await hub.sql.query<{ id: string }>(`insert into account (name) values ('other') returning id`);
    await setAvailable(hub.sql, account!.id, 1000n * UNIT);
    const other = await hub.createKey({ accountId: account!.id });
    const answer = await send(key, { max_tokens: 10 }, CHAT, other.key);
    expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([200, null]);
  });

  // T023
  it('is free again after a request that failed without a charge', async () => {
    const key = randomUUID();
    await declareScripted(hub, upstream, [{ status: 500 }]);
    expect((await send(key)).status).toBeGreaterThanOrEqual(500);
    await declareScripted(hub, upstream, [{ in: 1, out: 1 }]);
    const before = await used();
    const answer = await send(key);
    expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([200, null]);
    expect((await used()) - before).toBe(3n * UNIT);
  });

  it('stores no refusal of the form, and none for want of quota', async () => {
    await declareScripted(hub, upstream, [{ in: 1, out: 1 }]);
    const key = randomUUID();
    expect((await send(key, { n: 0 })).status).toBe(400);
    const rich = (await balanceOf(hub.sql, hub.accountId)).available;
    await setAvailable(hub.sql, hub.accountId, 0n);
    expect((await send(key)).status).toBe(403);
    await setAvailable(hub.sql, hub.accountId, rich);
    expect((await send(key)).status).toBe(200);
  });

  it('answers a repeated stream with its usage record instead of a second stream', async () => {
    await declareScripted(hub, upstream, [{ in: 10, out: 20, tokens: 3 }]);
    const key = randomUUID();
    const first = await send(key, { stream: true });
    expect(await first.text()).toContain('[DONE]');
    const again = await send(key, { stream: true });
    expect(again.status).toBe(409);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.headers.get('x-should-retry')).toBe('false');
    expect(await again.json()).toMatchObject({
      error: { code: 'stream_not_replayable' },
      usage: { request_id: first.headers.get('x-request-id'), cost: '0.05', input_tokens: 10, output_tokens: 20 },
    });
    expect(upstream.executions).toBe(1);
  });

  it('keeps answers encrypted', async () => {
    await declareScripted(hub, upstream, [{ text: 'a very secret answer', in: 1, out: 1 }]);
    const key = randomUUID();
    await send(key);
    const [row] = await hub.sql.query<{ body: Buffer }>('select body from idempotency where key = $1', [key]);
    expect(row!.body.length).toBeGreaterThan(20);
    expect(row!.body.toString('latin1')).not.toContain('secret');
  });

  it.each(['', 'x'.repeat(256), 'b\u00e4d'])('refuses %j as a key', async (key) => {
    const answer = await send(Buffer.from(key, 'utf8').toString('latin1'));
    expect(await readError(answer)).toMatchObject({ status: 400, code: 'invalid_idempotency_key' });
  });

  it('is given free when its request is swept', async () => {
    await declareScripted(hub, upstream, [{ stall_headers: true }]);
    const key = randomUUID();
    const abort = new AbortController();
    const stalled = hub.fetch(CHAT, {
      method: 'POST',
      signal: abort.signal,
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }] }),
    });
    stalled.catch(() => undefined);
    await until(() => upstream.requests.length === 1);
    // At once: in between the hub could keep its hold alive.
    await hub.sql.transaction(async (session) => {
      await session.query(`update hold set lease_until = now() - interval '1 s' where state = 'open'`);
      await session.query('select * from ledger_sweep(10)');
    });
    expect(await hub.sql.query('select 1 from idempotency where key = $1', [key])).toEqual([]);
    abort.abort();
  });
});
