import { randomUUID } from 'node:crypto';
import { formatCredits } from '../../src/common/credits.js';
import type { DeclaredPrice } from '../../src/common/declared-price.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import type { ScriptFunction } from '../../src/sandbox/faults/fault-desk.js';
import type { Answer, InboundFormat, Wire } from '../matrix/inbound-format.js';
import { INBOUND } from '../matrix/inbound-formats.js';
import { balanceOf, bookedRequest, openHolds, setAvailable, TEST_PRICE, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

// What every format of callers has in common besides what is said: its books, its replays, what becomes of it when something breaks.

const RICH = 1_000_000n * UNIT;
const TEXT = 'token0 token1 token2 token3 token4 token5';
/** Where each is told of errors. */
const NAMES: Readonly<Record<string, { endpoint: string; conversation: string }>> = {
  'chat/completions': { endpoint: 'chat/completions', conversation: 'messages' },
  responses: { endpoint: 'responses', conversation: 'input' },
  messages: { endpoint: 'messages', conversation: 'messages' },
};

/** Three times as much, and three fifths. */
const TIERED_PRICE: DeclaredPrice = {
  ...TEST_PRICE,
  serviceTiers: {
    priority: { inputPerMillion: '3000', outputPerMillion: '6000' },
    flex: { inputPerMillion: '600', outputPerMillion: '1200' },
  },
};

let upstream: FakeUpstream;
let hub: TestHub;
let serial = 0;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
});
beforeEach(async () => {
  upstream.reset();
  await setAvailable(hub.sql, hub.accountId, RICH);
});
afterEach(async () => {
  await until(async () => (await openHolds(hub.sql)) === 0);
  expect(await findUnsound(hub.sql)).toEqual([]);
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

/** One channel for each script, asked in this order; the last kind goes on from the beginning of an answer. */
async function declare(...scripts: readonly (Directive | ScriptFunction)[]): Promise<void> {
  await declareAt(TEST_PRICE, ...scripts);
}

async function declareAt(price: DeclaredPrice, ...scripts: readonly (Directive | ScriptFunction)[]): Promise<void> {
  const channels = scripts.map((script, i) => {
    const apiKey = `sk-formats-${String(++serial).padStart(8, '0')}`;
    upstream.scriptKey(apiKey, script);
    const provider = i === 0 ? 'openai-compatible' : 'moonshot';
    return { name: `f${i + 1}`, provider, baseUrl: upstream.url, apiKey, priority: scripts.length - i };
  });
  await hub.setChannels(channels, [{ id: 'gpt-4', price }]);
}

function post(
  format: InboundFormat,
  isStream: boolean,
  cap: number | 'none' = 100,
  headers: Record<string, string> = {},
  more: Wire = {},
) {
  return hub.fetch(format.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      ...format.begin({ model: 'gpt-4', text: 'Hello', cap: cap === 'none' ? undefined : cap, isStream }),
      ...more,
    }),
  });
}

async function readStream(format: InboundFormat, response: Response): Promise<Answer> {
  const blocks = (await response.text()).split('\n\n');
  const data = blocks.flatMap((block) => /^data: (\{.*)$/m.exec(block)?.[1] ?? []);
  return format.readStream(data.map((event) => JSON.parse(event)));
}

async function booked(response: Response) {
  await until(async () => (await openHolds(hub.sql)) === 0);
  return await bookedRequest(hub.sql, response.headers.get('x-request-id') ?? '');
}

/** Of its attempts, from the first on. */
async function tiersOf(response: Response): Promise<(string | null)[]> {
  const rows = await hub.sql.query<{ service_tier: string | null }>(
    'select service_tier from usage_event where hold_id = $1 order by attempt',
    [response.headers.get('x-request-id')?.slice('req_'.length) ?? ''],
  );
  return rows.map((row) => row.service_tier);
}

// Asked for where callers have the words; what is in Anthropic's format is above.
describe.each(INBOUND.filter(({ name }) => name !== 'messages').map((format) => [format.name, format] as const))(
  'a service tier that %s asks for',
  (_name, format) => {
    const ask = (tier: string, isStream: boolean, headers: Record<string, string> = {}) =>
      post(format, isStream, 100, headers, { service_tier: tier });
    const sentTier = (index = 0): unknown =>
      (JSON.parse(Buffer.from(upstream.requests[index]?.body ?? '').toString('utf8')) as Wire)['service_tier'];

    it.each([
      ['priority', 'priority', 150n, ['priority'], false],
      ['priority', 'priority', 150n, ['priority'], true],
      ['priority', 'none', 150n, ['priority'], true],
      ['priority', 'default', 50n, [null], false],
      ['flex', 'flex', 30n, ['flex'], true],
      ['flex', 'none', 30n, ['flex'], false],
      ['flex', 'default', 50n, [null], true],
    ])('%s, answered in %s, costs %s units, shown as %j (stream: %s)', async (tier, served, units, shown, isStream) => {
      await declareAt(TIERED_PRICE, { in: 10, out: 20, tier: served });
      const response = await ask(tier, isStream);
      await response.text();
      expect(response.headers.get('x-hub-unsupported-params')).toBeNull();
      expect(sentTier()).toBe(tier);
      expect(await booked(response)).toMatchObject({ settled: units * UNIT });
      expect(await tiersOf(response)).toEqual(shown);
    });

    it.each([false, true])(
      'is left out, reported and billed as usual without a price (stream: %s)',
      async (isStream) => {
        await declareAt(TIERED_PRICE, { in: 10, out: 20 });
        const response = await ask('scale', isStream);
        await response.text();
        expect(response.headers.get('x-hub-unsupported-params')).toBe('service_tier');
        expect(sentTier()).toBeUndefined();
        expect(await booked(response)).toMatchObject({ settled: 50n * UNIT });
        expect(await tiersOf(response)).toEqual([null]);
      },
    );

    it('is not paid where the upstream has no words for it, whatever its price', async () => {
      upstream.scriptKey('sk-formats-wordless', { in: 10, out: 20 });
      const channel = { name: 'wordless', provider: 'mistral', baseUrl: upstream.url, apiKey: 'sk-formats-wordless' };
      await hub.setChannels([channel], [{ id: 'gpt-4', price: TIERED_PRICE }]);
      const response = await ask('priority', false);
      await response.text();
      expect(response.headers.get('x-hub-unsupported-params')).toContain('service_tier');
      expect(sentTier()).toBeUndefined();
      expect(await booked(response)).toMatchObject({ settled: 50n * UNIT });
    });

    it('is held at the dearer price, and so quoted', async () => {
      await declareAt(TIERED_PRICE, { in: 10, out: 20 });
      const amounts: bigint[] = [];
      for (const tier of ['default', 'flex', 'priority']) {
        const response = await ask(tier, false);
        await response.text();
        amounts.push((await booked(response))?.amount ?? 0n);
      }
      const [usual = 0n, flex, priority] = amounts;
      expect(flex).toBe(usual);
      expect(priority).toBe(3n * usual);
      const body = {
        ...format.begin({ model: 'gpt-4', text: 'Hello', cap: 100, isStream: false }),
        service_tier: 'priority',
      };
      const quote = await hub.fetch('/api/user/quote', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ endpoint: format.name, request: body }),
      });
      const { data } = (await quote.json()) as { data: { hold: { credits: string } } };
      expect(data.hold.credits).toBe(formatCredits(priority ?? 0n));
    });

    it('is replayed with its answer, and not charged again', async () => {
      await declareAt(TIERED_PRICE, { in: 10, out: 20 });
      const headers = { 'idempotency-key': randomUUID() };
      const first = await ask('priority', false, headers);
      const before = (await balanceOf(hub.sql, hub.accountId)).used;
      const again = await ask('priority', false, headers);
      expect(await again.text()).toBe(await first.text());
      expect((await balanceOf(hub.sql, hub.accountId)).used).toBe(before);
    });

    it('is asked for again by whoever goes on with the answer, and decides the price of all of it', async () => {
      await declareAt(TIERED_PRICE, { text: TEXT, cut_after: 3, cut: 'rst', tier: 'flex' }, ({ body }) => {
        const { messages } = JSON.parse(body.toString('utf8')) as { messages: { role: string }[] };
        const isGoingOn = messages.at(-1)?.role === 'assistant';
        return isGoingOn ? { text: ' token3 token4 token5', in: 20, out: 9, tier: 'priority' } : { status: 500 };
      });
      const response = await ask('priority', true);
      expect(await readStream(format, response)).toMatchObject({ text: TEXT, finish: 'stop' });
      expect([sentTier(0), sentTier(1)]).toEqual(['priority', 'priority']);
      const request = await booked(response);
      const last = request?.events.at(-1);
      expect(request?.settled).toBe(3n * UNIT * BigInt((last?.inputTokens ?? 0) + 2 * (last?.outputTokens ?? 0)));
      expect((await tiersOf(response)).at(-1)).toBe('priority');
    });
  },
);

describe.each(INBOUND.map((format) => [format.name, format] as const))('%s', (name, format) => {
  const { endpoint, conversation } = NAMES[name] ?? { endpoint: '', conversation: '' };

  it.each([false, true])(
    'is charged exactly what the upstream reports, under its own name (stream: %s)',
    async (isStream) => {
      await declare({ in: 10, out: 20 });
      const before = (await balanceOf(hub.sql, hub.accountId)).used;
      const response = await post(format, isStream);
      const answer = isStream ? await readStream(format, response) : format.readWhole((await response.json()) as Wire);
      expect(answer.usage).toEqual({ input: 10, output: 20 });
      expect(await booked(response)).toMatchObject({
        settled: 50n * UNIT,
        events: [{ outcome: 'done', estimated: false, inputTokens: 10, outputTokens: 20 }],
      });
      expect((await balanceOf(hub.sql, hub.accountId)).used - before).toBe(50n * UNIT);
      const [event] = await hub.sql.query<{ endpoint: string }>(
        'select endpoint from usage_event order by hold_id desc limit 1',
      );
      expect(event?.endpoint).toBe(endpoint);
    },
  );

  it.each([false, true])('is charged in the service tier that the answer names (stream: %s)', async (isStream) => {
    await declareAt(TIERED_PRICE, { in: 10, out: 20, tier: 'priority' });
    const response = await post(format, isStream, 100, {}, { service_tier: 'auto' });
    await response.text();
    expect(await booked(response)).toMatchObject({ settled: 150n * UNIT });
    expect(await tiersOf(response)).toEqual(['priority']);
  });

  it('gives the same bytes again for the same Idempotency-Key', async () => {
    await declare({ in: 10, out: 20 });
    const headers = { 'idempotency-key': randomUUID() };
    const first = await (await post(format, false, 100, headers)).text();
    const again = await post(format, false, 100, headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.text()).toBe(first);
    expect(upstream.executions).toBe(1);
    const other = await post(format, false, 99, headers);
    expect(other.status).toBe(422);
  });

  it('is gone on with by the next channel as one answer', async () => {
    await declare({ text: TEXT, cut_after: 3, cut: 'rst' }, ({ body }) => {
      const { messages } = JSON.parse(body.toString('utf8')) as { messages: { role: string }[] };
      return messages.at(-1)?.role === 'assistant' ? { text: ' token3 token4 token5' } : { status: 500 };
    });
    const answer = await readStream(format, await post(format, true));
    expect(answer).toMatchObject({ text: TEXT, finish: 'stop' });
    expect(answer.error).toBeUndefined();
    expect(upstream.requests).toHaveLength(2);
  });

  it('names the field that an upstream complains about in its own words', async () => {
    const error = { message: 'Bad.', type: 'invalid_request_error', param: 'messages', code: null };
    await declare({ status: 400, body: { error } });
    const response = await post(format, false);
    expect(response.status).toBe(400);
    const body = (await response.json()) as { error: Wire };
    if (name === 'messages') expect(body).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
    else expect(body.error).toMatchObject({ param: conversation });
  });

  // The others must say how much they want, and are refused at once when there is less.
  if (name !== 'messages')
    it('ends with an error, and not complete, when the quota is used up on the way', async () => {
      await declare({ tokens: 2500, token_ms: 1 });
      await setAvailable(hub.sql, hub.accountId, 100n * UNIT);
      const response = await post(format, true, 'none');
      const answer = await readStream(format, response);
      expect(answer).toMatchObject({ finish: 'failed' });
      expect(answer.text.length).toBeGreaterThan(20);
      expect(await booked(response)).toMatchObject({ events: [{ outcome: 'insufficient_quota' }] });
    });
});
