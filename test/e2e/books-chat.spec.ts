import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { balanceOf, bookedRequest, openHolds, setAvailable, UNIT } from '../support/books.js';
import { type FakeUpstream, fakeCommand, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { askChat, readError, streamChat } from '../support/relay-client.js';
import { declareScripted } from '../support/scripted-channels.js';
import { until } from '../support/until.js';

const RICH = 1_000_000n * UNIT;
const CHAT = '/api/relay/v1/chat/completions';

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
});
beforeEach(async () => {
  upstream.reset();
  await setAvailable(hub.sql, hub.accountId, RICH);
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

/** What the account has paid since. */
async function meter(): Promise<() => Promise<bigint>> {
  const before = await balanceOf(hub.sql, hub.accountId);
  return async () => (await balanceOf(hub.sql, hub.accountId)).used - before.used;
}

async function booked(answer: { readonly headers: Headers }) {
  await until(async () => (await openHolds(hub.sql)) === 0);
  return (await bookedRequest(hub.sql, answer.headers.get('x-request-id')!))!;
}

function sentBody(index = 0): Record<string, unknown> {
  return JSON.parse(Buffer.from(upstream.requests[index]!.body).toString('utf8')) as Record<string, unknown>;
}

describe('a chat answer is charged exactly what the upstream reports', () => {
  // T001
  it('whole: one hold, one entry, one usage event', async () => {
    await declareScripted(hub, upstream, [{ in: 10, out: 20 }]);
    const spent = await meter();
    const response = await askChat(hub, { user: 'customer-7' });
    expect(response.status).toBe(200);
    // Durable before the client sees the end: no waiting here.
    expect(await spent()).toBe(50n * UNIT);
    const request = await booked(response);
    expect(request).toMatchObject({ state: 'settled', settled: 50n * UNIT });
    expect(request.events).toEqual([
      expect.objectContaining({
        attempt: 1,
        isFinal: true,
        outcome: 'done',
        estimated: false,
        inputTokens: 10,
        outputTokens: 20,
        cost: 50n * UNIT,
        userIdentifier: 'customer-7',
      }),
    ]);
  });

  // T002
  it('streamed: usage is asked for upstream, hidden from a client that did not ask, and [DONE] comes last', async () => {
    await declareScripted(hub, upstream, [{ in: 10, out: 20, tokens: 3 }]);
    const spent = await meter();
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ status: 200, isDone: true });
    expect(await spent()).toBe(50n * UNIT);
    expect(stream.text).not.toContain('usage');
    expect(sentBody()).toMatchObject({ stream_options: { include_usage: true } });
    expect((await booked(stream)).events).toMatchObject([{ outcome: 'done', inputTokens: 10, outputTokens: 20 }]);
  });

  // T003
  it.each([
    ['English', 'The quick brown fox jumps over the lazy dog, and then it sleeps in the warm autumn sun for a while. '],
    ['Chinese', '人工智能网关把一个接口接到许多服务商，并且准确地计算每一次请求的费用，任何一笔都不会丢失。'],
    [
      'German',
      'Ein Gateway verbindet viele Anbieter über eine einzige Schnittstelle und rechnet jede Anfrage genau ab. ',
    ],
  ])('counted by the hub, and marked so, when the upstream says nothing: %s', async (_language, sentence) => {
    const text = sentence.repeat(8);
    await declareScripted(hub, upstream, [{ usage: 'none', text }]);
    const { countTokens } = await import('../../src/tokens/count-tokens.js');
    const wanted = countTokens(text, 'gpt-4');
    const stream = await streamChat(hub);
    expect(stream.isDone).toBe(true);
    const [event] = (await booked(stream)).events;
    expect(event).toMatchObject({ outcome: 'done', estimated: true });
    expect(Math.abs(event!.outputTokens! - wanted)).toBeLessThanOrEqual(wanted * 0.05);
    const whole = await booked(await askChat(hub));
    expect(whole.events).toMatchObject([{ estimated: true, outputTokens: event!.outputTokens }]);
  });

  it('counted choice by choice, however they are cut and mixed', async () => {
    const text = 'The quick brown fox jumps over the lazy dog, and then it sleeps in the warm autumn sun. '.repeat(4);
    const event = (choices: object[]): string => `data: ${JSON.stringify({ choices })}\n\n`;
    const pieces = text.match(/.{1,3}/gs)!;
    const body = [
      ...pieces.flatMap((content) => [0, 1].map((index) => event([{ index, delta: { content } }]))),
      event([0, 1].map((index) => ({ index, delta: {}, finish_reason: 'stop' }))),
      'data: [DONE]\n\n',
    ].join('');
    await declareScripted(hub, upstream, [{ status: 200, body, content_type: 'text/event-stream' }]);
    const { countTokens } = await import('../../src/tokens/count-tokens.js');
    const stream = await streamChat(hub, { n: 2 });
    expect(stream.isDone).toBe(true);
    const [booking] = (await booked(stream)).events;
    expect(booking).toMatchObject({ estimated: true, outputTokens: 2 * countTokens(text, 'gpt-4') });
  });

  it.each([-1, 1.5, '12', 1e300, null])('does not believe a usage of %j', async (count) => {
    await declareScripted(hub, upstream, [
      { text: 'one two three', usage: { prompt_tokens: 10, completion_tokens: count } },
    ]);
    const request = await booked(await askChat(hub));
    expect(request.events).toMatchObject([{ estimated: true, inputTokens: 10 }]);
    expect(request.events[0]!.outputTokens).toBeGreaterThan(0);
    expect(request.events[0]!.outputTokens).toBeLessThan(10);
  });
});

describe('the hold', () => {
  // T006
  it('of a whole answer without a cap is bounded by one that goes upstream', async () => {
    await declareScripted(hub, upstream, [{ in: 5, out: 4096 }]);
    const request = await booked(await askChat(hub));
    expect(sentBody()).toMatchObject({ max_tokens: 4096 });
    expect(request.settled).toBeLessThanOrEqual(request.amount);
  });

  it("uses the caller's cap, times the choices, and leaves the request as it is", async () => {
    await declareScripted(hub, upstream, [{ in: 1, out: 10 }]);
    const request = await booked(await askChat(hub, { max_tokens: 100, n: 2 }));
    expect(sentBody()).toMatchObject({ max_tokens: 100, n: 2 });
    expect(request.amount).toBeGreaterThanOrEqual(400n * UNIT);
    expect(request.amount).toBeLessThan(430n * UNIT);
  });

  it('refuses a request that the balance does not cover, before anything goes upstream', async () => {
    await declareScripted(hub, upstream, [{}]);
    await setAvailable(hub.sql, hub.accountId, 100n * UNIT);
    const response = await askChat(hub, { max_tokens: 1000 });
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await readError(response)).toMatchObject({ status: 403, code: 'insufficient_quota' });
    expect(upstream.requests).toHaveLength(0);
  });

  // T007
  it('is charged with what the account still has when an upstream ignores the cap; the rest is a loss', async () => {
    await declareScripted(hub, upstream, [{ in: 0, out: 2500 }]);
    await setAvailable(hub.sql, hub.accountId, 1000n * UNIT);
    const spent = await meter();
    const response = await askChat(hub, { max_tokens: 10 });
    expect(response.status).toBe(200);
    expect(await spent()).toBe(1000n * UNIT);
    expect((await booked(response)).events).toMatchObject([
      { outcome: 'overrun', cost: 1000n * UNIT, loss: 4000n * UNIT },
    ]);
    const [loss] = await hub.sql.query<{ amount: string }>(
      `select amount from entry where kind = 'loss' and ref = (select id::text from hold order by id desc limit 1)`,
    );
    expect(loss).toEqual({ amount: String(4000n * UNIT) });
    expect((await balanceOf(hub.sql, hub.accountId)).available).toBe(0n);
    expect((await askChat(hub, { max_tokens: 10 })).status).toBe(403);
  });

  // T009
  it('of a stream without a cap begins with what there is, and ends the stream when that is used up', async () => {
    await declareScripted(hub, upstream, [{ tokens: 2500, token_ms: 2 }]);
    await setAvailable(hub.sql, hub.accountId, 100n * UNIT);
    const spent = await meter();
    const stream = await streamChat(hub);
    expect(stream.status).toBe(200);
    expect(stream.error?.code).toBe('insufficient_quota');
    expect(stream.isDone).toBe(false);
    expect(stream.content.length).toBeGreaterThan(20);
    const request = await booked(stream);
    expect(request.events).toMatchObject([{ outcome: 'insufficient_quota' }]);
    expect(await spent()).toBeLessThanOrEqual(100n * UNIT);
    expect(await spent()).toBeGreaterThan(50n * UNIT);
    await until(() => upstream.requests[0]!.abortedAt !== undefined);
  });

  it('of a long stream grows while the stream goes on', async () => {
    const small = await startHub({ env: { HUB_STREAM_SLICE_TOKENS: '16' } });
    try {
      await declareScripted(small, upstream, [{ tokens: 300, in: 5, out: 300 }]);
      const stream = await streamChat(small);
      expect(stream.isDone).toBe(true);
      const request = (await bookedRequest(small.sql, stream.headers.get('x-request-id')!))!;
      expect(request).toMatchObject({ state: 'settled', settled: 605n * UNIT });
      expect(request.amount).toBeGreaterThanOrEqual(605n * UNIT);
    } finally {
      await small.close();
    }
  });
});

describe('several attempts are one bill', () => {
  // T020
  it('charges the attempt that answered and none that failed', async () => {
    await declareScripted(hub, upstream, [{ status: 500 }, { in: 10, out: 20 }]);
    const spent = await meter();
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    expect(await spent()).toBe(50n * UNIT);
    expect((await booked(response)).events).toMatchObject([
      { attempt: 1, isFinal: false, outcome: 'failed', errorCode: 'overloaded', cost: 0n },
      { attempt: 2, isFinal: true, outcome: 'done', cost: 50n * UNIT },
    ]);
  });

  it('books each attempt once when a channel between two others rests', async () => {
    await declareScripted(hub, upstream, [{ status: 500 }, { status: 401 }, { in: 10, out: 20 }]);
    expect((await askChat(hub)).status).toBe(200);
    // The second request passes over the channel that refused the credential.
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    expect((await booked(response)).events).toMatchObject([
      { attempt: 1, isFinal: false, outcome: 'failed', errorCode: 'overloaded', cost: 0n },
      { attempt: 2, isFinal: true, outcome: 'done', cost: 50n * UNIT },
    ]);
  });

  it('charges nothing when all fail', async () => {
    await declareScripted(hub, upstream, [{ status: 500 }, { status: 503 }]);
    const spent = await meter();
    const response = await askChat(hub);
    expect(response.status).toBeGreaterThanOrEqual(502);
    const request = await booked(response);
    expect(request).toMatchObject({ state: 'released', settled: 0n });
    expect(request.events).toHaveLength(2);
    expect(await spent()).toBe(0n);
  });

  it('never counts the text of an error as output', async () => {
    await declareScripted(hub, upstream, [{ error_first: true }, { in: 1, out: 1, text: 'fine' }]);
    const stream = await streamChat(hub);
    expect(stream.isDone).toBe(true);
    expect((await booked(stream)).settled).toBe(3n * UNIT);
  });
});

describe('an answer that breaks off', () => {
  it('is charged prompt and delivered text when the upstream cuts it', async () => {
    await declareScripted(hub, upstream, [{ tokens: 40, cut_after: 20, cut: 'fin' }]);
    const spent = await meter();
    const stream = await streamChat(hub, { max_tokens: 100 });
    expect(stream.error?.code).toBe('upstream_incomplete');
    const request = await booked(stream);
    expect(request.events).toMatchObject([{ outcome: 'failed', estimated: true }]);
    const tokens = request.events[0]!.outputTokens!;
    expect(tokens).toBeGreaterThanOrEqual(20);
    expect(tokens).toBeLessThanOrEqual(60);
    expect(await spent()).toBe(BigInt(request.events[0]!.inputTokens! + 2 * tokens) * UNIT);
  });

  // T076
  it('is charged what was delivered when the client leaves in the middle', async () => {
    await declareScripted(hub, upstream, [{ tokens: 500, token_ms: 10 }]);
    const abort = new AbortController();
    const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hello' }], stream: true, max_tokens: 1000 };
    const response = await hub.post(CHAT, body, { signal: abort.signal });
    const reader = response.body!.getReader();
    for (let events = 0; events < 20; ) {
      const { value } = await reader.read();
      events += Buffer.from(value!).toString().split('\n\n').length - 1;
    }
    abort.abort();
    const request = await booked(response);
    expect(request.events).toMatchObject([{ outcome: 'client_gone' }]);
    expect(request.events[0]!.outputTokens).toBeGreaterThanOrEqual(19);
    expect(request.events[0]!.outputTokens).toBeLessThan(250);
    expect(request.settled).toBeLessThanOrEqual(request.amount);
    await until(() => upstream.requests[0]!.abortedAt !== undefined);
  });

  // T075
  it('costs nothing when the client leaves before an upstream has answered', async () => {
    await declareScripted(hub, upstream, [{ stall_headers: true }]);
    const spent = await meter();
    const abort = new AbortController();
    const gone = hub.post(
      CHAT,
      { model: 'gpt-4', messages: [{ role: 'user', content: 'Hi' }] },
      { signal: abort.signal },
    );
    await until(() => upstream.requests.length === 1);
    abort.abort();
    await expect(gone).rejects.toThrow();
    await until(async () => (await openHolds(hub.sql)) === 0);
    expect(await spent()).toBe(0n);
  });

  it('costs the prompt when the client leaves after an upstream has taken the request', async () => {
    await declareScripted(hub, upstream, [{ first_token_ms: 5_000 }]);
    const spent = await meter();
    const abort = new AbortController();
    const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'Hi there' }], stream: true };
    const gone = hub.post(CHAT, body, { signal: abort.signal });
    await until(() => upstream.requests.length === 1);
    // Turns of the loop that hub and upstream share rather than time: after a few of them the hub has the head.
    for (let turns = 0; turns < 20; turns++) await delay(10);
    abort.abort();
    await expect(gone).rejects.toThrow();
    await until(async () => (await openHolds(hub.sql)) === 0);
    expect(await spent()).toBeGreaterThan(0n);
    expect(await spent()).toBeLessThan(30n * UNIT);
  });

  it('is taken to its end and billed in full where the model says so', async () => {
    await hub.setChannels(
      [{ name: 'slow', baseUrl: upstream.url }],
      [{ id: 'gpt-4', price: { inputPerMillion: '1000', outputPerMillion: '2000' }, onDisconnect: 'drain' }],
    );
    const abort = new AbortController();
    const content = fakeCommand({ tokens: 60, token_ms: 10, in: 10, out: 60 });
    const body = { model: 'gpt-4', messages: [{ role: 'user', content }], stream: true, max_tokens: 100 };
    const response = await hub.post(CHAT, body, { signal: abort.signal });
    await response.body!.getReader().read();
    abort.abort();
    const request = await booked(response);
    expect(request).toMatchObject({ settled: 130n * UNIT, events: [{ outcome: 'done', outputTokens: 60 }] });
    expect(upstream.requests[0]!.abortedAt).toBeUndefined();
  });
});
