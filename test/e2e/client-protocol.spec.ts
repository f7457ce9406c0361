import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RunRegistry } from '../../src/relay/run-registry.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { quietNow } from '../support/quiet-clock.js';
import { parseResponse, RawClient, type RawResponse, rawRequest, sendRaw } from '../support/raw-client.js';
import { until } from '../support/until.js';

const PATH = '/api/relay/v1/chat/completions';
const BODY_BYTES_MAX = 128 * 1024;
// Node counts them from the moment of a connection, on a clock that goes on while the process stands still.
const HEADERS_TIMEOUT_MS = 2000;
const REQUEST_TIMEOUT_MS = 3000;
// How often the server looks for connections that are over their time.
const CHECK_MS = 1000;
// One read of the socket that crosses the limit, and what the stopped body still buffers.
const OVERHEAD_BYTES = 2 * 64 * 1024;

let upstream: FakeUpstream;
let hub: TestHub;
let auth: readonly string[];
const sockets: Socket[] = [];

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({
    channels: [{ name: 'main', baseUrl: upstream.url }],
    env: {
      HUB_BODY_BYTES_MAX: String(BODY_BYTES_MAX),
      HUB_HEADERS_TIMEOUT_MS: String(HEADERS_TIMEOUT_MS),
      HUB_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
    },
  });
  auth = [`authorization: Bearer ${hub.apiKey}`];
  hub.app.getHttpServer().on('connection', (socket: Socket) => sockets.push(socket));
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
beforeEach(() => {
  sockets.length = 0;
  upstream.reset();
});
afterEach(async () => {
  expect(upstream.requests).toEqual([]);
  expect(hub.app.get(RunRegistry).size).toBe(0);
  expect((await hub.fetch('/api/relay/v1/models')).status).toBe(200);
});

function expectRefusal(response: RawResponse, status: number, code: string): void {
  expect(response.status).toBe(status);
  expect(response.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
  expect(response.headers['connection']).toBe('close');
  const body = JSON.parse(response.body) as { error: { code: string; message: string }; message: string };
  expect(body.error.code).toBe(code);
  expect(body.message).toBe(body.error.message);
}

/** Posts chunk after chunk, whatever is answered, until the connection is gone or the body at its end. */
async function pour(headers: readonly string[], byteCount: number, isChunked: boolean): Promise<RawResponse> {
  const client = await RawClient.connect(hub.port);
  const head = [...auth, 'content-type: application/json', ...headers];
  client.send(rawRequest({ method: 'POST', path: PATH, headers: head }));
  const block = Buffer.alloc(16 * 1024, ' ');
  const chunk = isChunked ? Buffer.concat([Buffer.from('4000\r\n'), block, Buffer.from('\r\n')]) : block;
  for (let sent = 0; sent < byteCount && !client.isClosed; sent += block.length) {
    client.send(chunk);
    // Lets the other side, which lives in the same process, answer in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const response = parseResponse(await client.readToEnd());
  client.close();
  return response;
}

describe('a body over the limit', () => {
  it.each([
    ['with a content length', [`content-length: ${50 * 1024 * 1024}`], false],
    ['in chunks', ['transfer-encoding: chunked'], true],
  ] as const)('%s is refused with 413 before it has been read', async (_how, headers, isChunked) => {
    const response = await pour(headers, 50 * 1024 * 1024, isChunked);
    expectRefusal(response, 413, 'request_too_large');
    expect(response.headers['x-should-retry']).toBe('false');
    await until(() => sockets[0]!.destroyed);
    expect(sockets[0]!.bytesRead).toBeLessThanOrEqual(BODY_BYTES_MAX + OVERHEAD_BYTES);
  });

  it('of exactly the limit is read', async () => {
    const body = JSON.stringify({ model: 'gpt-4', messages: 5 }).padEnd(BODY_BYTES_MAX);
    expect((await hub.post(PATH, body)).status).toBe(400);
    expect((await hub.post(PATH, `${body} `)).status).toBe(413);
  });
});

describe('a compressed body', () => {
  it.each(['gzip', 'br', 'deflate', 'gzip, gzip'])('(%s) is refused with 415 unread', async (encoding) => {
    const response = await pour([`content-encoding: ${encoding}`, 'content-length: 10000000'], 10_000_000, false);
    expectRefusal(response, 415, 'unsupported_content_encoding');
    await until(() => sockets[0]!.destroyed);
    expect(sockets[0]!.bytesRead).toBeLessThanOrEqual(BODY_BYTES_MAX + OVERHEAD_BYTES);
  });
});

describe('headers over the limit', () => {
  it.each([
    ['100 KB in one header', { path: PATH, headers: [`x-big: ${'x'.repeat(100 * 1024)}`] }],
    ['5,000 headers', { path: PATH, headers: Array.from({ length: 5000 }, (_, i) => `x-header-${i}: value`) }],
    ['5,000 headers as short as can be', { path: PATH, headers: Array.from({ length: 5000 }, () => 'a:b') }],
    ['an address of 64 KB', { path: `${PATH}?model=${'x'.repeat(64 * 1024)}` }],
  ])('%s are refused with 431', async (_what, request) => {
    expectRefusal(await sendRaw(hub.port, rawRequest(request)), 431, 'headers_too_large');
  });

  it('an ordinary number of headers is fine', async () => {
    const headers = [...auth, ...Array.from({ length: 90 }, (_, i) => `x-header-${i}: value`), 'connection: close'];
    expect((await sendRaw(hub.port, rawRequest({ path: '/api/relay/v1/models', headers }))).status).toBe(200);
  });
});

describe('what is not HTTP/1.1', () => {
  it.each([
    ['a WebSocket handshake', ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13']],
    ['an h2c upgrade', ['connection: Upgrade, HTTP2-Settings', 'upgrade: h2c', 'http2-settings: AAMAAABkAARAAAAA']],
  ])('%s is refused with 426', async (_what, headers) => {
    const response = await sendRaw(hub.port, rawRequest({ path: PATH, headers: [...auth, ...headers] }));
    expectRefusal(response, 426, 'upgrade_not_supported');
    expect(response.headers['upgrade']).toBe('HTTP/1.1');
  });

  it.each([
    ['the HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a TLS hello', Buffer.from('16030100f1010000ed0303', 'hex')],
    ['a bare word', 'hello\r\n\r\n'],
    ['a bad chunk size', `POST ${PATH} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n`],
    ['two content lengths', `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}`],
    [
      'a content length beside chunks',
      `POST ${PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a header with a bare line feed', `GET ${PATH} HTTP/1.1\r\nhost: a\r\nx-a: b\nx-c: d\r\n\r\n`],
    ['a header with a NUL', `GET ${PATH} HTTP/1.1\r\nhost: a\r\nx-a: b\0c\r\n\r\n`],
    ['a space before the colon', `GET ${PATH} HTTP/1.1\r\nhost : a\r\n\r\n`],
    ['a request without a host', `GET ${PATH} HTTP/1.1\r\n\r\n`],
  ])('%s is answered with 400 at once', async (_what, bytes) => {
    const response = await sendRaw(hub.port, bytes);
    expect(response.status).toBe(400);
    expect(response.headers['x-request-id']).toMatch(/^req_/);
    expect(response.headers['connection']).toBe('close');
  });

  it('CONNECT does not hang', async () => {
    const client = await RawClient.connect(hub.port);
    client.send('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n');
    await client.readToEnd();
    client.close();
  });
});

describe('slow senders', () => {
  it('of headers are closed while others are served', async () => {
    const slow = await Promise.all(Array.from({ length: 200 }, () => RawClient.connect(hub.port)));
    const startedAt = quietNow();
    for (const client of slow) client.send(`POST ${PATH} HTTP/1.1\r\nhost: a\r\n`);
    const drip = setInterval(() => {
      for (const client of slow) client.send('x');
    }, 100);
    try {
      while (!slow.every((client) => client.isEnded || client.isClosed)) {
        expect(quietNow() - startedAt).toBeLessThan(HEADERS_TIMEOUT_MS + CHECK_MS + 3000);
        expect((await hub.fetch('/api/relay/v1/models')).status).toBe(200);
      }
    } finally {
      clearInterval(drip);
    }
    expectRefusal(parseResponse(slow[0]!.text), 408, 'request_timeout');
    for (const client of slow) client.close();
  });

  it('of a body get 408 within the request timeout', async () => {
    const client = await RawClient.connect(hub.port);
    const headers = [...auth, 'content-type: application/json', 'content-length: 100000'];
    client.send(rawRequest({ method: 'POST', path: PATH, headers }));
    const drip = setInterval(() => client.send(' '), 100);
    const startedAt = quietNow();
    try {
      const response = parseResponse(await client.readToEnd());
      expect(quietNow() - startedAt).toBeLessThan(REQUEST_TIMEOUT_MS + CHECK_MS + 3000);
      expectRefusal(response, 408, 'request_timeout');
    } finally {
      clearInterval(drip);
      client.close();
    }
    await until(() => hub.logs.some((line) => line['path'] === PATH && line['code'] === 'request_timeout'));
  });

  it('that give up in the middle of a body leave nothing behind', async () => {
    const client = await RawClient.connect(hub.port);
    const headers = [...auth, 'content-type: application/json', 'content-length: 1000'];
    client.send(rawRequest({ method: 'POST', path: PATH, headers }));
    client.send('{"model"');
    await until(() => sockets.length === 1);
    client.halfClose();
    expectRefusal(parseResponse(await client.readToEnd()), 400, 'bad_request');
    client.close();
    await until(() => sockets[0]!.destroyed);
  });
});

describe('a connection', () => {
  it('is kept after a refusal whose body had arrived', async () => {
    const client = await RawClient.connect(hub.port);
    const request = rawRequest({ method: 'POST', path: PATH, headers: ['content-type: application/json'], body: '{}' });
    client.send(request);
    await client.seen('invalid_api_key');
    expect(parseResponse(client.text).headers['connection']).toBe('keep-alive');
    client.send(request);
    await until(() => client.text.split('HTTP/1.1 401').length === 3);
    expect(sockets).toHaveLength(1);
    client.close();
  });

  it('answers pipelined requests in order', async () => {
    const client = await RawClient.connect(hub.port);
    const models = rawRequest({ path: '/api/relay/v1/models', headers: auth });
    const nothing = rawRequest({ path: '/api/nothing', headers: [...auth, 'connection: close'] });
    client.send(Buffer.concat([models, models, nothing]));
    const text = await client.readToEnd();
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['200', '200', '404']);
    client.close();
  });
});
