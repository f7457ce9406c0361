import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { quietNow } from '../support/quiet-clock.js';
import { askChat, readError, requestLine, streamChat } from '../support/relay-client.js';
import { declareScripted } from '../support/scripted-channels.js';
import { until } from '../support/until.js';

const HOLD_MS = 500;
const PING_MS = 100;
const HEADERS_MS = 1200;
const IDLE_MS = 1200;
const TOTAL_MS = 3000;
const SPARE: Directive = { text: 'spare' };

let upstream: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({
    env: {
      HUB_STREAM_HOLD_MS: String(HOLD_MS),
      HUB_STREAM_PING_MS: String(PING_MS),
      HUB_UPSTREAM_HEADERS_TIMEOUT_MS: String(HEADERS_MS),
      HUB_UPSTREAM_IDLE_TIMEOUT_MS: String(IDLE_MS),
      HUB_UPSTREAM_TOTAL_TIMEOUT_MS: String(TOTAL_MS),
    },
  });
});
beforeEach(() => upstream.reset());
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

const declare = (...directives: readonly Directive[]): Promise<string[]> => declareScripted(hub, upstream, directives);

describe('an upstream that never answers', () => {
  it('is given up after the headers timeout, and the next channel answers', async () => {
    await declare({ stall_headers: true }, { tokens: 2, in: 7, out: 2 });
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    await until(() => upstream.requests[0]?.abortedAt !== undefined);
    expect(await requestLine(hub, response)).toMatchObject({
      channel: 'c2',
      attempts: 2,
      outcome: 'done',
      inputTokens: 7,
      outputTokens: 2,
    });
  });

  it('gives 504 when there is no other', async () => {
    await declare({ stall_headers: true });
    const response = await askChat(hub);
    expect(await readError(response)).toMatchObject({ status: 504, code: 'upstream_timeout' });
    const line = await requestLine(hub, response);
    expect(line).toMatchObject({ attempts: 1, outcome: 'failed' });
    expect(line).not.toHaveProperty('outputTokens');
  });
});

describe('a stream whose first token is late', () => {
  it('begins after the hold with pings, which are neither output nor the first token', async () => {
    await declare({ delay_ms: 800, text: 'late', in: 3, out: 1 });
    const startedAt = performance.now();
    const response = await askChat(hub, { stream: true });
    expect(response.status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(HOLD_MS - 20);
    // Before the token has come.
    expect(upstream.requests[0]?.tokensSent).toBe(0);
    const text = await response.text();
    expect(text.startsWith(': ping\n\n')).toBe(true);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    const line = await requestLine(hub, response);
    expect(line).toMatchObject({ outcome: 'done', attempts: 1, outputTokens: 1 });
    expect(line['firstTokenMs']).toBeGreaterThanOrEqual(780);
  });

  it('can still be taken over by another channel after pings', async () => {
    await declare({ stall_headers: true }, SPARE);
    const stream = await streamChat(hub);
    expect(stream.text.startsWith(': ping\n\n')).toBe(true);
    expect(stream).toMatchObject({ status: 200, content: 'spare', isDone: true, error: undefined });
    expect(await requestLine(hub, stream)).toMatchObject({ channel: 'c2', attempts: 2 });
  });

  it('ends in an error event when it fails after the 200 was sent', async () => {
    await declare({ stall_headers: true }, { stall_headers: true });
    const stream = await streamChat(hub);
    expect(stream.status).toBe(200);
    expect(stream.error?.code).toBe('upstream_timeout');
    expect(stream.text).not.toContain('[DONE]');
    expect(upstream.requests).toHaveLength(2);
    await until(() => upstream.requests.every(({ abortedAt }) => abortedAt !== undefined));
  });

  it('is held back while it may still fail with a status of its own', async () => {
    const failing = { status: 500, delay_ms: 20 };
    await declare(failing, failing);
    expect(await readError(await askChat(hub, { stream: true }))).toMatchObject({
      status: 502,
      code: 'upstream_error',
    });
  });

  it('gets pings between tokens too', async () => {
    await declare({ tokens: 3, token_ms: 200 });
    const stream = await streamChat(hub);
    expect(stream).toMatchObject({ content: 'token0 token1 token2', isDone: true });
    const between = stream.text.slice(stream.text.indexOf('token0'), stream.text.indexOf('token2'));
    expect(between).toContain('\n\n: ping\n\n');
  });
});

describe('a stream that falls silent after content', () => {
  it('is ended after the idle timeout with an error event', async () => {
    await declare({ tokens: 5, stall_after: 2 });
    const startedAt = quietNow();
    const stream = await streamChat(hub);
    // Long before the total timeout would have ended it.
    expect(quietNow() - startedAt).toBeLessThan(TOTAL_MS - 500);
    expect(stream).toMatchObject({ content: 'token0 token1', isDone: false });
    expect(stream.error?.code).toBe('upstream_timeout');
    expect(await requestLine(hub, stream)).toMatchObject({ outcome: 'failed', attempts: 1 });
    await until(() => upstream.requests[0]?.abortedAt !== undefined);
  });
});

describe('a stream without end', () => {
  it('is ended after the total timeout with an error event, and the upstream is cut off', async () => {
    await declare({ endless: true, tokens: 1, token_ms: 20 });
    const [startedAt, quietlyStartedAt] = [performance.now(), quietNow()];
    const stream = await streamChat(hub);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(TOTAL_MS - 20);
    expect(quietNow() - quietlyStartedAt).toBeLessThan(TOTAL_MS + 1000);
    expect(stream.content).toContain('token0');
    expect(stream.error?.code).toBe('upstream_timeout');
    expect(stream.text).not.toContain('[DONE]');
    await until(() => upstream.requests[0]?.abortedAt !== undefined);
    expect(upstream.requests).toHaveLength(1);
  });
});
