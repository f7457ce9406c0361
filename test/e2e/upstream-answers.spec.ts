import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { quietNow } from '../support/quiet-clock.js';
import { askChat, readError, requestLine, streamChat } from '../support/relay-client.js';
import { declareScripted, keysSeenBy } from '../support/scripted-channels.js';
import { until } from '../support/until.js';

const MIB = 1024 * 1024;

let upstream: FakeUpstream;
let other: FakeUpstream;
let hub: TestHub;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  other = await startFakeUpstream();
  hub = await startHub({
    env: {
      HUB_BODY_BYTES_MAX: String(32 * MIB),
      HUB_UPSTREAM_BODY_BYTES_MAX: String(8 * MIB),
    },
  });
});
beforeEach(() => {
  upstream.reset();
  other.reset();
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
  await other.close();
});

const declare = (...directives: readonly (Directive | undefined)[]): Promise<string[]> =>
  declareScripted(hub, upstream, directives);
const keysSeen = (): (string | undefined)[] => keysSeenBy(upstream);

describe('an upstream whose 200 is no answer', () => {
  const cases: readonly (readonly [string, Directive])[] = [
    ['half an object', { bad_json: true }],
    ['a web page', { html: true }],
    ['204', { no_content: true }],
    ['an empty body', { empty: true }],
    ['no content at all', { text: '' }],
    ['a body cut in its middle', { cut: 'fin' }],
    ['an unasked compression', { gzip: true }],
    ['a hundred compressions', { encodings: 100 }],
    ['a header of 1 MB', { header_bytes: 1_000_000 }],
    ['1,000 headers', { header_count: 1000 }],
    ['an error inside it', { error_first: true }],
  ];

  it.each(cases)('lets the next channel answer: %s', async (_name, directive) => {
    await declare(directive, { tokens: 3 });
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    const body = (await response.json()) as { choices: { message: { content: string } }[] };
    expect(body.choices[0]?.message.content).toBe('token0 token1 token2');
    expect(await requestLine(hub, response)).toMatchObject({ channel: 'c2', attempts: 2, outputTokens: 3 });
  });

  it.each(cases)('gives 502 when there is no other: %s', async (_name, directive) => {
    await declare(directive);
    const response = await askChat(hub);
    const { status, code } = await readError(response);
    expect(status).toBe(502);
    expect(code).toMatch(/^upstream_(?:invalid_response|incomplete|error)$/);
    const line = await requestLine(hub, response);
    // One that broke off once more after a pause, as far as the retry budget of these tests together allows.
    expect([1, 2]).toContain(line['attempts']);
    expect(line).toMatchObject({ outcome: 'failed' });
    expect(line).not.toHaveProperty('outputTokens');
  });

  it.each(cases.filter(([name]) => name !== 'a body cut in its middle'))(
    'lets the next channel stream: %s',
    async (_name, directive) => {
      await declare(directive, { tokens: 3 });
      const stream = await streamChat(hub);
      expect(stream).toMatchObject({ status: 200, content: 'token0 token1 token2', isDone: true, error: undefined });
    },
  );

  it('was asked for an uncompressed one', async () => {
    await declare(undefined);
    await askChat(hub);
    expect(upstream.requests[0]?.headers['accept-encoding']).toBe('identity');
  });
});

describe('an upstream that fails with a status', () => {
  it.each([500, 502, 503, 408, 429])('lets the next channel answer: %d', async (status) => {
    await declare({ status }, { tokens: 1 });
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    expect(await requestLine(hub, response)).toMatchObject({ channel: 'c2', attempts: 2, outcome: 'done' });
  });

  it('answers 503 with Retry-After when all are overloaded', async () => {
    await declare({ status: 503, headers: { 'retry-after': '7' } });
    const response = await askChat(hub);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await readError(response)).toMatchObject({ status: 503, code: 'upstream_overloaded' });
  });
});

describe('an upstream whose error answer never ends', () => {
  it('is judged by its status after three seconds', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write('HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\n{"error"'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await hub.setChannels([{ name: 'slow', baseUrl: `http://127.0.0.1:${port}/v1` }]);
    const askedAt = quietNow();
    const response = await askChat(hub);
    server.close();
    expect(response.status).toBe(503);
    expect(quietNow() - askedAt).toBeLessThan(6000);
  });
});

describe('an upstream that limits the rate', () => {
  it('rests as long as it asks, and the caller is told the shortest rest', async () => {
    const [first, second] = await declare({ retry_after: 30 }, { retry_after: 12 });
    const response = await askChat(hub);
    expect(response.headers.get('retry-after')).toBe('12');
    expect(await readError(response)).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    expect(keysSeen()).toEqual([first, second]);

    const again = await askChat(hub);
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThanOrEqual(6);
    expect(Number(again.headers.get('retry-after'))).toBeLessThanOrEqual(12);
    expect(again.status).toBe(429);
    expect(upstream.requests).toHaveLength(2);
    expect(await requestLine(hub, again)).not.toHaveProperty('attempts');
  });

  it('is passed over while it rests', async () => {
    const [first, second] = await declare({ retry_after: 30 }, undefined);
    expect((await askChat(hub)).status).toBe(200);
    expect((await askChat(hub)).status).toBe(200);
    expect(keysSeen()).toEqual([first, second, second]);
  });
});

describe('an upstream that refuses the credential of the hub', () => {
  const canary = 'canary/credential+without=a-known-shape';
  const directive: Directive = {
    status: 401,
    body: { error: { message: 'Incorrect API key: {{authorization}}', code: 'bad', type: 'x' } },
    headers: { 'x-echo': canary },
  };

  it('never shows it, rests, and says so in the log', async () => {
    upstream.scriptKey(canary, directive);
    await hub.setChannels([{ name: 'refused', baseUrl: upstream.url, apiKey: canary }]);
    for (let round = 0; round < 2; round++) {
      const response = await askChat(hub);
      const text = await response.text();
      expect(response.status).toBe(503);
      expect(text).toContain('"upstream_auth_error"');
      expect(text + JSON.stringify([...response.headers])).not.toContain(canary);
    }
    // The second request found the channel at rest.
    expect(upstream.requests).toHaveLength(1);
    expect(hub.logs).toContainEqual(
      expect.objectContaining({ level: 40, msg: expect.stringMatching(/"refused" rests for 60 s/) }),
    );
    expect(hub.logText()).not.toContain(canary);
  });

  it('never shows it inside a stream', async () => {
    upstream.scriptKey(`${canary}2`, {
      error_after: 1,
      tokens: 3,
      error: { message: `no ${canary}2`, code: `${canary}2` },
    });
    await hub.setChannels([{ name: 'echoing', baseUrl: upstream.url, apiKey: `${canary}2` }]);
    const stream = await streamChat(hub);
    expect(stream.error?.code).toBe('upstream_error');
    await requestLine(hub, stream);
    expect(stream.text + hub.logText()).not.toContain(canary);
  });

  it('is passed over for one that accepts', async () => {
    const [, second] = await declare({ status: 401 }, undefined);
    expect((await askChat(hub)).status).toBe(200);
    expect((await askChat(hub)).status).toBe(200);
    expect(keysSeen().slice(1)).toEqual([second, second]);
  });
});

describe("an upstream that blames the caller's request", () => {
  const message = 'The value of seed is wrong. Ask sk-proj-abcdefghijkl at https://internal.example.com/help';

  it('is believed: 400 passed on without its secrets, no other channel, no rest', async () => {
    const [first] = await declare(
      { status: 400, body: { error: { message, type: 'invalid_request_error', param: 'seed', code: 'bad_seed' } } },
      undefined,
    );
    const response = await askChat(hub, { seed: -1 });
    expect(response.status).toBe(400);
    expect(response.headers.get('x-should-retry')).toBe('false');
    const shown = 'The value of seed is wrong. Ask [redacted] at [redacted]';
    expect(await response.json()).toEqual({
      error: { message: shown, type: 'invalid_request_error', param: 'seed', code: 'bad_seed' },
      message: shown,
    });
    expect(await requestLine(hub, response)).toMatchObject({ attempts: 1, channel: 'c1', outcome: 'failed' });
    await askChat(hub);
    expect(keysSeen()).toEqual([first, first]);
  });

  it.each([409, 413, 422])('is believed with its own status: %d', async (status) => {
    const [first] = await declare({ status, body: { error: { message: 'It cannot be done.' } } }, undefined);
    const response = await askChat(hub);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await readError(response)).toMatchObject({ status, message: 'It cannot be done.' });
    expect(keysSeen()).toEqual([first]);
  });

  it('does not bring the prompt into the log', async () => {
    await declare({ status: 400, body: { error: { message: 'Cannot read "my secret prompt"', code: 'x' } } });
    const response = await askChat(hub, { messages: [{ role: 'user', content: 'my secret prompt' }] });
    expect(await requestLine(hub, response)).toMatchObject({ code: 'x', detail: 'invalid_request: HTTP 400' });
    expect(hub.logText()).not.toContain('my secret prompt');
  });
});

describe('an upstream that redirects', () => {
  it.each(['metadata', 'other host'])('is not followed: %s', async (target) => {
    const location =
      target === 'metadata' ? 'http://169.254.169.254/latest/meta-data' : `${other.url}/chat/completions`;
    await declare({ redirect: location });
    const response = await askChat(hub);
    expect(response.headers.get('location')).toBeNull();
    expect(await readError(response)).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
    expect(upstream.requests).toHaveLength(1);
    expect(other.requests).toHaveLength(0);
  });

  it('is not believed when it redirects with an answer', async () => {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'moved' }, finish_reason: 'stop' }];
    await declare({ status: 307, headers: { location: other.url }, body: { id: 'x', choices } });
    expect(await readError(await askChat(hub))).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
  });
});

describe('an upstream that answers before it has read the request', () => {
  it('is heard: 413 passed on, nothing hangs, the connection is not used again', async () => {
    await declare({ early_status: 413 });
    const response = await askChat(hub, { messages: [{ role: 'user', content: 'x'.repeat(20 * MIB) }] });
    expect((await readError(response)).status).toBe(413);
    const before = upstream.requests[0]?.connection;
    await declare(undefined);
    expect((await askChat(hub)).status).toBe(200);
    expect(upstream.requests.at(-1)?.connection).not.toBe(before);
  });
});

describe('an upstream that answers in the other form', () => {
  it('has its stream made whole', async () => {
    await declare({ json_as_stream: true, tokens: 3, in: 5, out: 3 });
    const response = await askChat(hub);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-4',
      choices: [{ message: { role: 'assistant', content: 'token0 token1 token2' }, finish_reason: 'stop' }],
    });
    expect(await requestLine(hub, response)).toMatchObject({ outcome: 'done', attempts: 1 });
  });

  it('has its whole answer streamed', async () => {
    await declare({ stream_as_json: true, tokens: 3, in: 5, out: 3 });
    const stream = await streamChat(hub, { stream_options: { include_usage: true } });
    expect(stream).toMatchObject({ status: 200, content: 'token0 token1 token2', isDone: true });
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    expect(stream.events.at(-1)?.usage).toMatchObject({ completion_tokens: 3 });
    expect(await requestLine(hub, stream)).toMatchObject({ outcome: 'done', inputTokens: 5, outputTokens: 3 });
  });

  it('has its stream made whole when the connection broke before [DONE]', async () => {
    await declare({ json_as_stream: true, tokens: 3, cut: 'rst' });
    const response = await askChat(hub);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'token0 token1 token2' } }] });
    expect(await requestLine(hub, response)).toMatchObject({ outcome: 'done', attempts: 1 });
  });

  it('is an upstream failure when its stream is not finished', async () => {
    await declare({ json_as_stream: true, tokens: 3, no_finish: true });
    expect(await readError(await askChat(hub))).toMatchObject({ status: 502, code: 'upstream_incomplete' });
  });

  it('is an upstream failure when its stream lacks a choice that was asked for', async () => {
    const data = JSON.stringify({ choices: [{ index: 0, delta: { content: 'hello' }, finish_reason: 'stop' }] });
    await declare({ status: 200, body: `data: ${data}\n\n`, content_type: 'text/event-stream' });
    expect(await readError(await askChat(hub, { n: 2 }))).toMatchObject({ status: 502, code: 'upstream_incomplete' });
  });

  it('is an upstream failure when its stream says nothing', async () => {
    await declare({ json_as_stream: true, text: '', usage: 'none' });
    expect(await readError(await askChat(hub))).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
  });

  it('is given up when its stream is larger than a whole answer may be', async () => {
    await declare({ json_as_stream: true, endless: true, text: 'word '.repeat(10_000) });
    expect(await readError(await askChat(hub))).toMatchObject({ status: 502, code: 'upstream_invalid_response' });
    await until(() => upstream.requests[0]?.abortedAt !== undefined);
  });
});

describe('an upstream that closes a connection just as it is used again', () => {
  it('is asked once more, and the caller sees nothing', async () => {
    await declare({ reuse_reset: true });
    await askChat(hub).then((response) => response.text());
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    const [first, second, third] = upstream.requests;
    expect(upstream.requests).toHaveLength(3);
    expect(second?.connection).toBe(first?.connection);
    expect(third?.connection).not.toBe(first?.connection);
    expect(upstream.executions).toBe(2);
    expect(await requestLine(hub, response)).toMatchObject({ attempts: 1 });
  });

  // It may have begun to work on the request.
  it('is not asked again when the connection was new', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.on('error', () => undefined).once('data', () => socket.resetAndDestroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await hub.setChannels([
      { name: 'resetting', baseUrl: `http://127.0.0.1:${port}/v1`, priority: 1 },
      { name: 'spare', baseUrl: upstream.url },
    ]);
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    expect(connections).toBe(1);
    expect(await requestLine(hub, response)).toMatchObject({ channel: 'spare', attempts: 2 });
    server.close();
  });
});
