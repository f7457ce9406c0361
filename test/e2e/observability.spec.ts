import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { askChat, streamChat } from '../support/relay-client.js';
import { declareScripted } from '../support/scripted-channels.js';
import { until } from '../support/until.js';

const TOKEN = 'a-token-of-the-scraper-0123456789';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';
const SECRET_PROMPT = 'canary-of-the-prompt';

let upstream: FakeUpstream;
let receiver: OtlpReceiver;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  receiver = new OtlpReceiver();
  hub = await startHub({
    env: { HUB_METRICS_TOKEN: TOKEN, OTEL_EXPORTER_OTLP_ENDPOINT: await receiver.start() },
  });
});
beforeEach(() => {
  upstream.reset();
});
afterAll(async () => {
  await hub?.close();
  await upstream?.close();
  await receiver?.close();
});

const declare = (...directives: readonly (Directive | undefined)[]): Promise<string[]> =>
  declareScripted(hub, upstream, directives);
const scrape = async (): Promise<string> =>
  (await fetch(`${hub.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
const readSeries = (text: string, series: string): number => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
};
/** By how much series grow while something is done; the end of a request is counted a moment after its answer. */
const growth = async (names: readonly string[], work: () => Promise<unknown>, ended: string): Promise<number[]> => {
  const before = await scrape();
  await work();
  const after = await until(async () => {
    const text = await scrape();
    return readSeries(text, ended) > readSeries(before, ended) ? text : undefined;
  });
  return names.map((name) => readSeries(after, name) - readSeries(before, name));
};
const ended = (outcome: string, fault: string): string =>
  `hub_relay_requests_total{gen_ai_operation_name="chat",outcome="${outcome}",fault="${fault}"}`;
const attempts = (outcome: string, fault: string, channel: string): string =>
  `hub_attempts_total{outcome="${outcome}",fault="${fault}",provider="openai-compatible",channel="${channel}"}`;

describe('the metrics of relayed requests', () => {
  const CHAT = 'gen_ai_operation_name="chat",gen_ai_provider_name="openai-compatible",gen_ai_request_model="gpt-4"';

  it('count a whole answer, its tokens, and what the hub added', async () => {
    await declare({ in: 10, out: 20 });
    const names = [
      ended('done', 'none'),
      attempts('done', 'none', 'c1'),
      `gen_ai_server_request_duration_seconds_count{${CHAT}}`,
      `gen_ai_client_token_usage_sum{${CHAT},gen_ai_token_type="input"}`,
      `gen_ai_client_token_usage_sum{${CHAT},gen_ai_token_type="output"}`,
      'hub_added_seconds_count{route="chat"}',
      'hub_requests_total{route="chat",status="2xx"}',
    ];
    const found = await growth(
      names,
      async () => (await askChat(hub)).arrayBuffer(),
      'hub_requests_total{route="chat",status="2xx"}',
    );
    expect(found).toEqual([1, 1, 1, 10, 20, 1, 1]);
    expect(readSeries(await scrape(), 'hub_relay_requests_in_flight')).toBe(0);
  });

  it('count a stream with its first token and the time between tokens', async () => {
    await declare({ tokens: 5, out: 5, token_ms: 5 });
    const names = [
      `gen_ai_server_time_to_first_token_seconds_count{${CHAT}}`,
      `gen_ai_server_time_per_output_token_seconds_count{${CHAT}}`,
    ];
    expect(await growth(names, () => streamChat(hub), ended('done', 'none'))).toEqual([1, 1]);
  });

  it('tell a rescued request from a failed one, and say whose fault each attempt was', async () => {
    await declare({ status: 500 }, { status: 401 }, undefined);
    const names = [
      ended('done', 'none'),
      attempts('overloaded', 'provider', 'c1'),
      attempts('credential', 'hub', 'c2'),
      attempts('done', 'none', 'c3'),
    ];
    const found = await growth(names, async () => (await askChat(hub)).arrayBuffer(), ended('done', 'none'));
    expect(found).toEqual([1, 1, 1, 1]);
  });

  it('put the fault of a caller down to the caller', async () => {
    await declare({ status: 400 });
    const names = [
      attempts('invalid_request', 'caller', 'c1'),
      `gen_ai_server_request_duration_seconds_count{${CHAT},error_type="caller"}`,
      'hub_requests_total{route="chat",status="4xx"}',
    ];
    const found = await growth(
      names,
      async () => (await askChat(hub)).arrayBuffer(),
      'hub_requests_total{route="chat",status="4xx"}',
    );
    expect(found).toEqual([1, 1, 1]);
  });

  it('count a client that leaves', async () => {
    await declare({ tokens: 3, stall_after: 1 });
    const leave = async (): Promise<void> => {
      const abort = new AbortController();
      const response = await hub.post(
        '/api/relay/v1/chat/completions',
        { model: 'gpt-4', stream: true, messages: [{ role: 'user', content: 'x' }] },
        { signal: abort.signal },
      );
      await response.body?.getReader().read();
      abort.abort();
    };
    expect(await growth([ended('client_gone', 'caller')], leave, ended('client_gone', 'caller'))).toEqual([1]);
  });

  it('show the ledger’s batches and a channel that rests', async () => {
    const text = await scrape();
    expect(readSeries(text, 'hub_ledger_batch_size_count{kind="reserve"}')).toBeGreaterThan(0);
    expect(readSeries(text, 'hub_ledger_batch_size_count{kind="settle"}')).toBeGreaterThan(0);
    expect(readSeries(text, 'hub_channel_resting{channel="c2",reason="credential"}')).toBe(1);
  });
});

describe('the traces of relayed requests', () => {
  /** The spans of a request, once they have arrived. */
  const spansOf = (response: { readonly headers: Headers }): Promise<ReceivedSpan[]> =>
    until(() => {
      const id = response.headers.get('x-request-id');
      const whole = receiver.spans.find(({ attributes }) => attributes['hub.request.id'] === id);
      return whole && receiver.spans.filter(({ traceId }) => traceId === whole.traceId);
    });
  const post = (headers: Record<string, string>, body: object = {}): Promise<Response> =>
    hub.fetch('/api/relay/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: SECRET_PROMPT }], ...body }),
    });

  it('show every attempt below its request, and take the caller’s trace on to each upstream', async () => {
    await declare({ status: 500, body: { error: { message: 'canary-of-the-upstream' } } }, undefined);
    const response = await post({
      traceparent: `00-${TRACE}-${CALLER_SPAN}-01`,
      tracestate: 'vendor=canary-of-the-caller',
      baggage: 'user=canary-of-the-caller',
    });
    expect(response.status).toBe(200);
    const spans = await spansOf(response);
    const whole = spans.find(({ kind }) => kind === 2);
    const tried = spans.filter(({ kind }) => kind === 3);
    expect(whole).toMatchObject({ name: 'chat gpt-4', traceId: TRACE, parentSpanId: CALLER_SPAN });
    expect(whole?.attributes).toMatchObject({
      'hub.attempts': 2,
      'hub.outcome': 'done',
      'hub.added_ms': expect.any(Number),
      'http.response.status_code': 200,
    });
    expect(tried.map(({ attributes }) => attributes['hub.attempt.outcome'])).toEqual(['overloaded', 'done']);
    expect(tried.every(({ parentSpanId }) => parentSpanId === whole?.spanId)).toBe(true);
    for (const [i, { headers }] of upstream.requests.entries()) {
      expect(headers['traceparent']).toBe(`00-${TRACE}-${tried[i]?.spanId}-01`);
      expect(headers['tracestate']).toBeUndefined();
      expect(headers['baggage']).toBeUndefined();
    }
  });

  it('show a stream that is over, and a request that was refused', async () => {
    await declare({ tokens: 2 });
    const seen = await streamChat(hub);
    const whole = (await spansOf(seen)).find(({ kind }) => kind === 2);
    expect(whole?.attributes).toMatchObject({
      'gen_ai.request.stream': true,
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
    });
    const refused = await post({}, { model: 'canary-of-a-model' });
    expect(refused.status).toBe(404);
    expect(await spansOf(refused)).toMatchObject([{ name: 'relay', attributes: { 'http.response.status_code': 404 } }]);
  });

  it('carry no prompt, key, credential, host, or word of an upstream', async () => {
    expect(receiver.spans.length).toBeGreaterThan(0);
    for (const word of [SECRET_PROMPT, 'canary-of', hub.apiKey, 'sk-test-', `127.0.0.1:${upstream.port}`]) {
      expect(receiver.text).not.toContain(word);
    }
  });
});

describe('a hub without traces', () => {
  it('passes no traceparent on', async () => {
    const plain = await startHub();
    try {
      await declareScripted(plain, upstream, [undefined]);
      const answer = await plain.fetch('/api/relay/v1/chat/completions', {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CALLER_SPAN}-01` },
        body: JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'x' }] }),
      });
      expect(answer.status).toBe(200);
      expect(upstream.requests.at(-1)?.headers['traceparent']).toBeUndefined();
    } finally {
      await plain.close();
    }
  });
});
