import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeclaredModel } from '../../src/channels/declaration.js';
import type { ModelRouting } from '../../src/channels/model-routing.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { balanceOf, bookedRequest, openHolds, TEST_PRICE, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { askChat, readError, requestLine, streamChat } from '../support/relay-client.js';
import { keysSeenBy } from '../support/scripted-channels.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

const FIRST_TOKEN_MS = 800;
const WHOLE_MS = 1000;
const GOOD: Directive = { text: 'good', in: 10, out: 20 };

let upstream: FakeUpstream;
let hub: TestHub;
let serial = 0;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({
    env: {
      HUB_FIRST_TOKEN_TIMEOUT_MS: String(FIRST_TOKEN_MS),
      HUB_WHOLE_TIMEOUT_MS: String(WHOLE_MS),
      HUB_STREAM_HOLD_MS: '5000',
    },
  });
});
beforeEach(() => upstream.reset());
afterEach(async () => {
  await until(async () => (await openHolds(hub.sql)) === 0);
  expect(await findUnsound(hub.sql)).toEqual([]);
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

interface Route {
  readonly model?: string;
  readonly script: Directive | undefined;
}

/** One channel for each route, in this order within a model. @returns the credentials that the upstream knows them by. */
async function declare(
  routes: readonly Route[],
  routing?: ModelRouting,
  others: readonly DeclaredModel[] = [],
): Promise<string[]> {
  const channels = routes.map(({ model = 'gpt-4', script }, i) => {
    const apiKey = `sk-attempt-${String(++serial).padStart(8, '0')}`;
    upstream.scriptKey(apiKey, script);
    const models = new Map([[model, model]]);
    return { name: `c${i + 1}`, baseUrl: upstream.url, apiKey, priority: routes.length - i, models };
  });
  await hub.setChannels(channels, [{ id: 'gpt-4', price: TEST_PRICE, routing }, ...others]);
  return channels.map(({ apiKey }) => apiKey);
}

const booked = async (answer: { readonly headers: Headers }) => {
  await until(async () => (await openHolds(hub.sql)) === 0);
  return (await bookedRequest(hub.sql, answer.headers.get('x-request-id')!))!;
};

describe('a channel that is too slow', () => {
  it.each<[string, Directive]>([
    ['without a head', { stall_headers: true }],
    ['with nothing but a head', { first_token_ms: 60_000 }],
    ['with comments and no content', { stall_after: 0, comments: true }],
  ])('is left for the next one before its first token: %s', async (_name, script) => {
    await declare([{ script }, { script: GOOD }]);
    const startedAt = performance.now();
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ status: 200, content: 'good', isDone: true });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(FIRST_TOKEN_MS - 50);
    await until(() => upstream.requests[0]!.abortedAt !== undefined);
    expect((await booked(stream)).events).toMatchObject([{ errorCode: 'timeout', cost: 0n }, { outcome: 'done' }]);
  });

  it('is left for the next one with a whole answer', async () => {
    await declare([{ script: { stall_headers: true } }, { script: GOOD }]);
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    expect(await requestLine(hub, response)).toMatchObject({ attempts: 2, channel: 'c2' });
  });

  it('is waited for when there is no other', async () => {
    await declare([{ script: { first_token_ms: 2 * FIRST_TOKEN_MS, ...GOOD } }]);
    expect(await streamChat(hub)).toMatchObject({ content: 'good', isDone: true });
    await declare([{ script: { delay_ms: 2 * WHOLE_MS, ...GOOD } }]);
    expect((await askChat(hub)).status).toBe(200);
  });

  it('has the deadlines of its model, whether there is another or not', async () => {
    await declare([{ script: { first_token_ms: 60_000 } }], { deadlines: { firstTokenMs: 200 } });
    const stream = await streamChat(hub);
    expect(stream.status).toBe(504);
    expect(stream.headers.get('x-hub-attempts')).toBe('1');
  });
});

describe('a request that one channel cannot honour and another has no time for', () => {
  it.each([
    ['in this order', 1],
    ['the other way round', -1],
  ])('is told to come again later: %s', async (_name, sign) => {
    const apiKey = `sk-attempt-${String(++serial).padStart(8, '0')}`;
    upstream.scriptKey(apiKey, { status: 429, retry_after: 30 });
    const place = { baseUrl: upstream.url, apiKey, models: new Map([['gpt-4', 'gpt-4']]) };
    await hub.setChannels(
      [
        // It gives one choice at a time.
        { ...place, name: 'c1', provider: 'anthropic', priority: sign },
        { ...place, name: 'c2', priority: 0 },
      ],
      [{ id: 'gpt-4', price: TEST_PRICE }],
    );
    const refused = await askChat(hub, { n: 2 });
    expect(await readError(refused)).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(refused.headers.get('retry-after')).toBe('30');
  });
});

describe('a model without a channel that works', () => {
  const dear = { inputPerMillion: '3000', outputPerMillion: '5000' };
  const fallbackModels: readonly DeclaredModel[] = [{ id: 'spare-model', price: dear }];

  it('is served by its fallback: at the price and under the name of that, for the hold and the answer', async () => {
    await declare(
      [{ script: { status: 500 } }, { model: 'spare-model', script: GOOD }],
      { fallbacks: [{ model: 'spare-model' }] },
      fallbackModels,
    );
    const before = (await balanceOf(hub.sql, hub.accountId)).used;
    const response = await askChat(hub, { max_tokens: 100 });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-hub-attempts': '2', 'x-hub-model': 'spare-model' });
    const { events, amount, settled } = await booked(response);
    // 10 tokens at 3 and 20 at 5.
    expect(settled).toBe(130n * UNIT);
    expect((await balanceOf(hub.sql, hub.accountId)).used - before).toBe(130n * UNIT);
    expect(amount).toBeGreaterThanOrEqual(500n * UNIT);
    expect(events).toMatchObject([
      { outcome: 'failed', cost: 0n },
      { outcome: 'done', cost: 130n * UNIT },
    ]);
    const models = await hub.sql.query(
      `select e.model, h.model as asked from usage_event e join hold h on h.id = e.hold_id
        where h.id = $1 order by attempt`,
      [response.headers.get('x-request-id')!.slice(4)],
    );
    expect(models).toEqual([
      { model: 'gpt-4', asked: 'gpt-4' },
      { model: 'spare-model', asked: 'gpt-4' },
    ]);
    const sent = JSON.parse(Buffer.from(upstream.requests[1]!.body).toString()) as { model: string };
    expect(sent.model).toBe('spare-model');
  });

  it('shows the name that was asked for in the answer itself', async () => {
    await declare(
      [{ script: { status: 500 } }, { model: 'spare-model', script: GOOD }],
      { fallbacks: [{ model: 'spare-model' }] },
      fallbackModels,
    );
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ content: 'good', isDone: true });
    expect(new Set(stream.events.map(({ model }) => model))).toEqual(new Set(['gpt-4']));
    expect(stream.headers.get('x-hub-model')).toBe('spare-model');
  });

  it('is served by its fallback also when it has no channel at all, and told so when none may serve it', async () => {
    const routing = { fallbacks: [{ model: 'spare-model' }] };
    await declare([{ model: 'spare-model', script: GOOD }], routing, fallbackModels);
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-hub-attempts': '1', 'x-hub-model': 'spare-model' });
    expect((await booked(response)).settled).toBe(130n * UNIT);
    await declare([{ model: 'spare-model', script: { status: 500 } }], routing, fallbackModels);
    expect((await askChat(hub)).status).toBe(502);
    // It speaks for the model, also of the request: nobody else could tell the caller what is wrong with it.
    const error = { message: 'Bad temperature.' };
    await declare([{ model: 'spare-model', script: { status: 400, body: { error } } }], routing, fallbackModels);
    expect(await readError(await askChat(hub))).toMatchObject({ status: 400, message: 'Bad temperature.' });
    await declare([{ model: 'spare-model', script: { status: 429, retry_after: 30 } }], routing, fallbackModels);
    expect(await readError(await askChat(hub))).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    const tiny = [{ id: 'spare-model', price: dear, routing: { capabilities: { contextTokens: 2 } } }];
    await declare([{ model: 'spare-model', script: GOOD }], routing, tiny);
    expect(await readError(await askChat(hub))).toMatchObject({ status: 400, code: 'context_length_exceeded' });
    // For what its fallback is not meant.
    await declare(
      [{ model: 'spare-model', script: GOOD }],
      { fallbacks: [{ model: 'spare-model', on: ['context_length'] }] },
      fallbackModels,
    );
    expect(await readError(await askChat(hub))).toMatchObject({ status: 503, code: 'model_unavailable' });
    const { key } = await hub.createKey({ models: ['gpt-4'] });
    const messages = [{ role: 'user', content: 'Hi' }];
    const refused = await hub.post('/api/relay/v1/chat/completions', { model: 'gpt-4', messages }, { key });
    expect(await readError(refused)).toMatchObject({ status: 404, code: 'model_not_found' });
  });

  it('is not served by a fallback that the key may not use', async () => {
    const keys = await declare(
      [{ script: { status: 500 } }, { model: 'spare-model', script: GOOD }],
      { fallbacks: [{ model: 'spare-model' }] },
      fallbackModels,
    );
    const { key } = await hub.createKey({ models: ['gpt-4'] });
    const response = await hub.post(
      '/api/relay/v1/chat/completions',
      { model: 'gpt-4', messages: [{ role: 'user', content: 'Hi' }] },
      { key },
    );
    expect(response.status).toBe(502);
    expect(keysSeenBy(upstream)).not.toContain(keys[1]);
  });

  it('is not served by a fallback whose own limit is used up', async () => {
    const keys = await declare(
      [{ script: { status: 500 } }, { model: 'spare-model', script: GOOD }],
      { fallbacks: [{ model: 'spare-model' }] },
      [{ id: 'spare-model', price: dear, limits: { rpm: 1 } }],
    );
    expect((await askChat(hub)).status).toBe(200);
    const refused = await askChat(hub);
    expect(refused.status).toBe(502);
    expect(keysSeenBy(upstream).filter((key) => key === keys[1])).toHaveLength(1);
    expect(await requestLine(hub, refused)).toMatchObject({ passedOver: 'c2 model_limit' });
  });

  it('is served by the fallback with the larger window when its own is too small, and told so when there is none', async () => {
    const tooLong: Directive = {
      status: 400,
      body: { error: { message: 'too long', code: 'context_length_exceeded' } },
    };
    const small = { capabilities: { contextTokens: 10_000 } };
    await declare(
      [{ script: tooLong }, { script: GOOD }, { model: 'spare-model', script: GOOD }],
      { ...small, fallbacks: [{ model: 'spare-model' }] },
      fallbackModels,
    );
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    // Not sent unchanged to another channel of the same model.
    expect(await requestLine(hub, response)).toMatchObject({ attempts: 2, channel: 'c3' });
    await declare(
      [{ script: tooLong }, { model: 'spare-model', script: GOOD }],
      { ...small, fallbacks: [{ model: 'spare-model' }] },
      [{ id: 'spare-model', price: dear, routing: { capabilities: { contextTokens: 9_000 } } }],
    );
    const refused = await askChat(hub);
    expect(await readError(refused)).toMatchObject({ status: 400, code: 'context_length_exceeded' });
    expect((await booked(refused)).settled).toBe(0n);
  });

  it('costs what the model has delivered, at its own price, where the fallback adds nothing', async () => {
    await declare(
      [{ script: { text: 'one two three', cut_after: 2 } }, { model: 'spare-model', script: { status: 500 } }],
      { fallbacks: [{ model: 'spare-model' }] },
      fallbackModels,
    );
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ content: 'one two', isDone: false });
    const { events, settled } = await booked(stream);
    const { inputTokens, outputTokens } = events.at(-1)!;
    expect(events).toHaveLength(2);
    expect(settled).toBe(BigInt(inputTokens! + 2 * outputTokens!) * UNIT);
  });

  it('goes on with a stream of its own at the fallback', async () => {
    await declare(
      [
        { script: { text: 'one two three', cut_after: 2 } },
        { model: 'spare-model', script: { text: 'one two three' } },
      ],
      { fallbacks: [{ model: 'spare-model' }] },
      fallbackModels,
    );
    expect(await streamChat(hub)).toMatchObject({ content: 'one two three', isDone: true, error: undefined });
  });
});

describe('what no channel can do', () => {
  it('is said before anything is held or sent', async () => {
    await declare([{ script: GOOD }], { capabilities: { tools: false } });
    const response = await askChat(hub, { tools: [{ type: 'function', function: { name: 'f' } }] });
    const error = (await response.json()) as { error: { param: string } };
    expect(response.status).toBe(400);
    expect(error.error.param).toBe('tools');
    expect(upstream.requests).toHaveLength(0);
    expect(await bookedRequest(hub.sql, response.headers.get('x-request-id')!)).toBeUndefined();
  });
});

describe('a picture by address that a channel wants the bytes of', () => {
  it('is fetched before the channel is asked, and refused by its name', async () => {
    await hub.setChannels([
      {
        name: 'g1',
        provider: 'gemini',
        baseUrl: upstream.url,
        apiKey: 'g-1',
        models: new Map([['gpt-4', 'gemini-3']]),
      },
    ]);
    const content = [{ type: 'image_url', image_url: { url: 'http://127.0.0.1:9/cat.png' } }];
    const response = await askChat(hub, { messages: [{ role: 'user', content }] });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { param: 'messages[0].content[0].image_url' } },
    ]);
    expect(response.headers.get('x-hub-attempts')).toBe('0');
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('the headers of every answer', () => {
  it('say how many attempts there were, which model served and what the hub added', async () => {
    await declare([{ script: { status: 500 } }, { script: GOOD }]);
    for (const response of [await askChat(hub), await askChat(hub, { stream: true })]) {
      await response.arrayBuffer();
      expect(response.headers.get('x-hub-attempts')).toBe('2');
      expect(response.headers.get('x-hub-model')).toBe('gpt-4');
      expect(Number(response.headers.get('x-hub-added-ms'))).toBeGreaterThan(0);
    }
  });

  it("do not count the time of the upstream as the hub's", async () => {
    await declare([{ script: { delay_ms: 500, ...GOOD } }]);
    const response = await askChat(hub);
    const line = await requestLine(hub, response);
    const addedMs = Number(response.headers.get('x-hub-added-ms'));
    expect(line['addedMs']).toBe(addedMs);
    expect(addedMs).toBeLessThan(Number(line['ms']) - 450);
  });

  it('are there on refusals too', async () => {
    await declare([{ script: { status: 401 } }]);
    const failed = await askChat(hub);
    expect(failed.status).toBe(503);
    expect(failed.headers.get('x-hub-attempts')).toBe('1');
    const unknown = await askChat(hub, { model: 'unknown' });
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('x-hub-attempts')).toBe('0');
    expect(unknown.headers.get('x-hub-model')).toBeNull();
    expect(unknown.headers.has('x-hub-added-ms')).toBe(true);
  });
});

describe('the same layer carries other operations', () => {
  it('embeddings and pictures are brought before the next channel, and the next model', async () => {
    await declare(
      [{ script: { status: 503 } }, { model: 'spare-model', script: undefined }],
      { fallbacks: [{ model: 'spare-model' }] },
      [{ id: 'spare-model', price: { ...TEST_PRICE, perImage: '1' } }],
    );
    const embedded = await hub.post('/api/relay/v1/embeddings', { model: 'gpt-4', input: 'x' });
    expect(embedded.status).toBe(200);
    expect(embedded.headers.get('x-hub-attempts')).toBe('2');
    const drawn = await hub.post('/api/relay/v1/images/generations', { model: 'gpt-4', prompt: 'x' });
    expect(drawn.status).toBe(200);
    expect(drawn.headers.get('x-hub-model')).toBe('spare-model');
    expect((await booked(drawn)).settled).toBeGreaterThan(0n);
  });
});
