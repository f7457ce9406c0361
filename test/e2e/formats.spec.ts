import { randomUUID } from 'node:crypto';
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

let upstream: FakeUpstream;
let hub: TestHub;
let serial = 0;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub();
}, 60_000);
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
  const channels = scripts.map((script, i) => {
    const apiKey = `sk-formats-${String(++serial).padStart(8, '0')}`;
    upstream.scriptKey(apiKey, script);
    const provider = i === 0 ? 'openai-compatible' : 'moonshot';
    return { name: `f${i + 1}`, provider, baseUrl: upstream.url, apiKey, priority: scripts.length - i };
  });
  await hub.setChannels(channels, [{ id: 'gpt-4', price: TEST_PRICE }]);
}

function post(
  format: InboundFormat,
  isStream: boolean,
  cap: number | 'none' = 100,
  headers: Record<string, string> = {},
) {
  return hub.fetch(format.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(
      format.begin({ model: 'gpt-4', text: 'Hello', cap: cap === 'none' ? undefined : cap, isStream }),
    ),
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
