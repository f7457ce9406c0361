import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { listCaptured, openCaptured } from '../../src/capture/captured-store.js';
import { setCapture } from '../../src/capture/set-capture.js';
import type { DeclaredModel } from '../../src/channels/declaration.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import type { ScriptFunction } from '../../src/sandbox/faults/fault-desk.js';
import { CredentialCipher } from '../../src/secrets/credential-cipher.js';
import { type AnthropicSimulator, startAnthropicSimulator } from '../simulators/anthropic/anthropic.js';
import { type BookedRequest, bookedRequest, openHolds, setAvailable, TEST_PRICE, UNIT } from '../support/books.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { readMessageEvents } from '../support/read-message-events.js';
import { requestLine } from '../support/relay-client.js';
import { findUnsound } from '../support/sound-books.js';
import { until } from '../support/until.js';

const ROOT = '/api/relay/anthropic';
const MESSAGES = `${ROOT}/v1/messages`;
const RICH = 1_000_000_000n * UNIT;

let upstream: FakeUpstream;
let claude: AnthropicSimulator;
let hub: TestHub;
let serial = 0;

beforeAll(async () => {
  [upstream, claude] = await Promise.all([startFakeUpstream(), startAnthropicSimulator()]);
  hub = await startHub({ env: { HUB_BODY_BYTES_MAX: '100000', HUB_STREAM_PING_MS: '100' } });
});
beforeEach(() => {
  upstream.reset();
  claude.reset();
});
afterAll(async () => {
  await until(async () => (await openHolds(hub.sql)) === 0);
  expect(await findUnsound(hub.sql)).toEqual([]);
  await hub.close();
  await Promise.all([upstream.close(), claude.close()]);
});

type Script = Directive | ScriptFunction;

/** One channel for each script, asked in this order; each may be of a provider of its own. */
async function declare(
  scripts: readonly (Script | [string, Script])[],
  model: Partial<DeclaredModel> = {},
): Promise<void> {
  const channels = scripts.map((entry, i) => {
    const [provider, script] = Array.isArray(entry) ? entry : ['openai-compatible', entry];
    const apiKey = `sk-messages-${String(++serial).padStart(6, '0')}`;
    upstream.scriptKey(apiKey, script);
    return { name: `c${i + 1}`, provider, baseUrl: upstream.url, apiKey, priority: scripts.length - i };
  });
  await hub.setChannels(channels, [{ id: 'gpt-4', price: TEST_PRICE, ...model }]);
}

/** The model by Anthropic itself. */
async function declareClaude(upstreamModel = 'claude-sonnet-4-6'): Promise<void> {
  const apiKey = `sk-ant-${++serial}`;
  const models = new Map([['gpt-4', upstreamModel]]);
  await hub.setChannels([{ name: `a${serial}`, provider: 'anthropic', baseUrl: claude.url, apiKey, models }]);
}

const plain = { model: 'gpt-4', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] };

function ask(body: object = {}, headers: Record<string, string> = {}, key = hub.apiKey): Promise<Response> {
  return hub.fetch(MESSAGES, {
    method: 'POST',
    key: null,
    headers: { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01', ...headers },
    body: JSON.stringify({ ...plain, ...body }),
  });
}

async function booked(response: Response): Promise<BookedRequest> {
  await until(async () => (await openHolds(hub.sql)) === 0);
  return (await bookedRequest(hub.sql, response.headers.get('x-request-id')!))!;
}

/** An error answer, which is in Anthropic's envelope whoever gave it. */
async function refusal(response: Response): Promise<{ status: number; type: string; message: string }> {
  const body = (await response.json()) as {
    type: string;
    error: { type: string; message: string };
    request_id: string;
  };
  expect(body).toEqual({
    type: 'error',
    error: { type: expect.any(String), message: expect.any(String) },
    request_id: response.headers.get('request-id'),
  });
  expect(body.request_id).toBe(response.headers.get('x-request-id'));
  return { status: response.status, ...body.error };
}

describe('the root of the API', () => {
  it.each([
    ['HEAD', ROOT],
    ['GET', ROOT],
    ['HEAD', `${ROOT}/`],
    ['GET', `${ROOT}/`],
  ])('answers %s %s, so that tools see that somebody is there', async (method, path) => {
    const response = await hub.fetch(path, { method, key: null });
    expect(response.status).toBe(200);
    await response.text();
  });

  it('is nothing more than that: what follows its slash is an unknown route', async () => {
    const response = await hub.fetch(`${ROOT}/nothing`);
    expect(response.status).toBe(404);
    await response.text();
  });
});

describe('a message', () => {
  it('is booked exactly, under its own endpoint, for whom the caller named', async () => {
    await declareClaude();
    claude.script({ text: 'Hi', in: 7, cached: 2000, written: 100, out: 4 });
    const response = await ask({ metadata: { user_id: 'somebody' } });
    expect(response.headers.get('request-id')).toBe(response.headers.get('x-request-id'));
    expect(await response.json()).toMatchObject({
      usage: { input_tokens: 7, cache_read_input_tokens: 2000, cache_creation_input_tokens: 100, output_tokens: 4 },
    });
    const { events } = await booked(response);
    expect(events).toMatchObject([
      { inputTokens: 2107, outputTokens: 4, estimated: false, userIdentifier: 'somebody' },
    ]);
    expect(
      await hub.sql.query('select distinct endpoint from usage_event where user_identifier = $1', ['somebody']),
    ).toEqual([{ endpoint: 'messages' }]);
  });

  it('says the estimate that is booked where the upstream reports nothing', async () => {
    await declare([{ text: 'one two three', usage: 'none' }]);
    for (const stream of [false, true]) {
      const response = await ask({ stream });
      const text = await response.text();
      const { usage } = stream ? readMessageEvents(text).message : JSON.parse(text);
      const [event] = (await booked(response)).events;
      expect(event).toMatchObject({ estimated: true });
      expect(usage).toMatchObject({ input_tokens: event!.inputTokens, output_tokens: event!.outputTokens });
    }
  });

  it('names what the upstream is not told, in the words of its caller', async () => {
    await declare([{ text: 'Hi' }]);
    const response = await ask({
      system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
      context_management: { edits: [] },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-hub-unsupported-params')).toBe('cache_control, context_management');
    await response.text();
    await declareClaude('claude-opus-5-5');
    claude.script({ text: 'Hi' });
    const own = await ask({
      temperature: 0.5,
      system: [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }],
    });
    expect(own.headers.get('x-hub-unsupported-params')).toBe('temperature');
    await own.text();
  });

  it('with a tool that only Anthropic has goes to the channel that has it', async () => {
    const seen: unknown[] = [];
    claude.script(({ body }) => {
      seen.push(JSON.parse(body.toString()).tools);
      return { status: 400 };
    });
    await hub.setChannels([
      { name: 'o', baseUrl: upstream.url, priority: 2 },
      {
        name: 'a',
        provider: 'anthropic',
        baseUrl: claude.url,
        apiKey: `sk-ant-${++serial}`,
        priority: 1,
        models: new Map([['gpt-4', 'claude-sonnet-4-6']]),
      },
    ]);
    const tools = [{ type: 'web_search_20250305', name: 'web_search' }];
    expect(await refusal(await ask({ tools }))).toMatchObject({ status: 400, type: 'invalid_request_error' });
    expect(seen).toEqual([tools]);
    expect(upstream.requests).toEqual([]);
  });

  it('with a cap for larger models is held to what its model writes, and says so', async () => {
    await declare([{ text: 'Hi' }], { routing: { capabilities: { outputTokensMax: 4096 } } });
    const response = await ask({ max_tokens: 32_000 });
    expect(response.headers.get('x-hub-unsupported-params')).toBe('max_tokens');
    await response.text();
    expect(JSON.parse(upstream.requests[0]!.body.toString())).toMatchObject({ max_tokens: 4096 });
    const fitting = await ask({ max_tokens: 4096 });
    expect(fitting.headers.get('x-hub-unsupported-params')).toBeNull();
    await fitting.text();
  });

  it('pings its client in times of silence', async () => {
    await declare([{ text: 'one two', token_ms: 350 }]);
    const response = await ask({ stream: true });
    const text = await response.text();
    expect(text).toContain('event: ping\ndata: {"type":"ping"}\n\n');
    expect(readMessageEvents(text).message.content).toEqual([{ type: 'text', text: 'one two' }]);
  });
});

describe('a streamed message that breaks off', () => {
  it('is gone on with by the next channel, as one message', async () => {
    await declare([
      { text: 'one two three four', cut_after: 2 },
      [
        'moonshot',
        (request) => {
          const { messages } = JSON.parse(request.body.toString()) as { messages: { role: string }[] };
          return messages.at(-1)?.role === 'assistant' ? { text: ' three four' } : { status: 500 };
        },
      ],
    ]);
    const response = await ask({ stream: true });
    const { message, names, error } = readMessageEvents(await response.text());
    expect(error).toBeUndefined();
    expect(names.filter((name) => name === 'message_start')).toHaveLength(1);
    expect(message).toMatchObject({ content: [{ type: 'text', text: 'one two three four' }], stop_reason: 'end_turn' });
    expect(await requestLine(hub, response)).toMatchObject({ outcome: 'done', attempts: 2 });
    const { events } = await booked(response);
    expect(message.usage).toMatchObject({
      input_tokens: events.at(-1)!.inputTokens,
      output_tokens: events.at(-1)!.outputTokens,
    });
  });

  it('and is gone on with by nobody ends in an error event, and in no stop', async () => {
    await declare([{ text: 'one two three four', cut_after: 2 }]);
    const response = await ask({ stream: true });
    const { message, names, error } = readMessageEvents(await response.text());
    expect(message.content).toMatchObject([{ text: 'one two' }]);
    expect(error).toMatchObject({ error: { type: 'api_error' }, request_id: response.headers.get('request-id') });
    expect(names).not.toContain('message_delta');
  });
});

describe('a repeated message', () => {
  it('is answered as the first one was, whole', async () => {
    await declare([{ text: 'Hi' }]);
    const headers = { 'idempotency-key': randomUUID() };
    const first = await (await ask({}, headers)).json();
    const again = await ask({}, headers);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await again.json()).toEqual(first);
    expect(upstream.executions).toBe(1);
    const other = await ask({ max_tokens: 51 }, headers);
    expect(await refusal(other)).toMatchObject({ status: 422, type: 'invalid_request_error' });
  });

  it('of a stream says that a stream is not kept', async () => {
    await declare([{ text: 'Hi' }]);
    const headers = { 'idempotency-key': randomUUID() };
    await (await ask({ stream: true }, headers)).text();
    const again = await ask({ stream: true }, headers);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringContaining('not kept') },
      usage: { output_tokens: expect.any(Number) },
    });
  });
});

describe('a key with capture', () => {
  it('has a message and a refusal kept as they were', async () => {
    await declare([{ text: 'Hi' }]);
    const { id, key } = await hub.createKey();
    await setCapture(hub.sql, id, new Date(Date.now() + 3_600_000));
    const response = await ask({ system: 'Be brief.' }, {}, key);
    expect(response.headers.get('x-hub-attempts')).toBe('1');
    const answer = await response.text();
    await (await ask({ max_tokens: 0 }, {}, key)).text();
    const items = await until(async () => {
      const found = await listCaptured(hub.sql, { keyId: id, first: 10 });
      return found.length === 2 && found;
    });
    const cipher = hub.app.get(CredentialCipher);
    const kept = await Promise.all(items.map((item) => openCaptured(hub.sql, cipher, item.id)));
    const texts = kept.map((exchange) => JSON.stringify(exchange));
    expect(texts.some((text) => text.includes(JSON.stringify(answer).slice(1, -1)))).toBe(true);
    expect(texts.some((text) => text.includes('invalid_request_error'))).toBe(true);
    expect(texts.filter((text) => text.includes('Be brief.'))).toHaveLength(1);
  });
});

describe('every refusal', () => {
  beforeEach(() => declare([{ text: 'Hi' }]));

  it.each<[string, () => Promise<Response>, number, string]>([
    ['no key', () => hub.fetch(MESSAGES, { method: 'POST', key: null }), 401, 'authentication_error'],
    ['a wrong key', () => ask({}, {}, 'sk_live_nobody'), 401, 'authentication_error'],
    ['an unknown route', () => hub.fetch(`${ROOT}/v1/nothing`), 404, 'not_found_error'],
    ['an unknown model', () => ask({ model: 'nobody' }), 404, 'not_found_error'],
    ['another method', () => hub.fetch(MESSAGES, { method: 'PUT' }), 405, 'invalid_request_error'],
    ['a head that costs', () => hub.fetch(MESSAGES, { method: 'HEAD' }), 405, ''],
    ['another kind of body', () => ask({}, { 'content-type': 'text/plain' }), 415, 'invalid_request_error'],
    ['a body that is too large', () => ask({ system: 'x'.repeat(100_001) }), 413, 'request_too_large'],
    ['a field that is wrong', () => ask({ max_tokens: 'many' }), 400, 'invalid_request_error'],
    ['betas that are none', () => ask({}, { 'anthropic-beta': 'a"b' }), 400, 'invalid_request_error'],
  ])('of %s is in the envelope of Anthropic', async (_name, asked, status, type) => {
    const response = await asked();
    if (type === '') expect(response.status).toBe(status);
    else expect(await refusal(response)).toMatchObject({ status, type });
  });

  it('of a body that is not JSON says so', async () => {
    const headers = { 'content-type': 'application/json' };
    const response = await hub.fetch(MESSAGES, { method: 'POST', headers, body: '{"model":' });
    expect(await refusal(response)).toMatchObject({ status: 400, message: expect.stringContaining('not valid JSON') });
  });

  it('of an account without quota is about money', async () => {
    await setAvailable(hub.sql, hub.accountId, 0n);
    const response = await ask();
    await setAvailable(hub.sql, hub.accountId, RICH);
    expect(await refusal(response)).toMatchObject({ status: 402, type: 'billing_error' });
  });

  it.each<[string, Directive, number, string]>([
    ['overloaded', { status: 500 }, 502, 'api_error'],
    ['over its limit', { retry_after: 9 }, 429, 'rate_limit_error'],
    ['refusing the request', { status: 400 }, 400, 'invalid_request_error'],
    ['refusing the credential', { status: 401 }, 529, 'overloaded_error'],
  ])('of an upstream that is %s keeps its meaning', async (_name, script, status, type) => {
    await declare([script]);
    const response = await ask({ stream: true });
    if (status === 429) expect(response.headers.get('retry-after')).toBe('9');
    expect(await refusal(response)).toMatchObject({ status, type });
  });

  it('names the field as the caller does', async () => {
    await declareClaude('claude-3-5-haiku-latest');
    claude.script({ text: 'Hi' });
    const picture = { type: 'image', source: { type: 'url', url: 'http://a.example/b.png' } };
    await hub.setChannels([
      { name: 'g', provider: 'gemini', baseUrl: upstream.url, models: new Map([['gpt-4', 'gemini-2.5-flash']]) },
    ]);
    const { message } = await refusal(await ask({ messages: [{ role: 'user', content: [picture] }] }));
    expect(message).toContain('messages[0].content[0].source');
  });
});

describe('count_tokens', () => {
  it('costs nothing, needs no cap and is limited like any request', async () => {
    await declare([{ text: 'Hi' }]);
    const { key } = await hub.createKey({ limits: { rpm: 2 } });
    const { max_tokens: _, ...prompt } = plain;
    const count = () => hub.post(`${MESSAGES}/count_tokens?beta=true`, prompt, { key });
    const first = await count();
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('1');
    expect(await first.json()).toEqual({ input_tokens: expect.any(Number) });
    await (await count()).text();
    const refused = await count();
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal(refused)).toMatchObject({ status: 429, type: 'rate_limit_error' });
    expect(upstream.requests).toEqual([]);
  });

  it('counts as a quote of the same message does', async () => {
    await declare([{ text: 'Hi' }]);
    const counted = (await (await hub.post(`${MESSAGES}/count_tokens`, plain)).json()) as { input_tokens: number };
    const quoted = await (await hub.post('/api/user/quote', { endpoint: 'messages', request: plain })).json();
    expect(quoted).toMatchObject({ data: { endpoint: 'messages', promptTokens: counted.input_tokens } });
  });
});
