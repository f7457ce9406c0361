import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RunRegistry } from '../../src/relay/run-registry.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { within } from '../support/quiet-clock.js';
import { parseResponse, RawClient, rawRequest } from '../support/raw-client.js';
import { until } from '../support/until.js';

const PATH = '/api/relay/v1/chat/completions';
// What the hub may hold for one client, and what the kernel holds in the four socket buffers on the way.
const HELD_BYTES_MAX = 1024 * 1024;
const KERNEL_BYTES_MAX = 16 * 1024 * 1024;

let upstream: FakeUpstream;
let hub: TestHub;
const serverSockets: import('node:net').Socket[] = [];
const clients: RawClient[] = [];

beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }], env: { HUB_STREAM_PING_MS: '100' } });
  hub.app.getHttpServer().on('connection', (socket: import('node:net').Socket) => serverSockets.push(socket));
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.reset();
  serverSockets.length = 0;
  clients.length = 0;
});
afterEach(async () => {
  // One that a failed test left would keep its endless stream running into the next test.
  for (const client of clients) client.reset();
  await until(() => hub.app.get(RunRegistry).size === 0);
});

async function open(directive: Directive): Promise<RawClient> {
  upstream.script(directive);
  const client = await RawClient.connect(hub.port);
  clients.push(client);
  const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'x' }], stream: true });
  const headers = [`authorization: Bearer ${hub.apiKey}`, 'content-type: application/json'];
  client.send(rawRequest({ method: 'POST', path: PATH, headers: [...headers, 'connection: close'], body }));
  return client;
}

/** Waits until a number has stayed the same for a while. */
async function settled(read: () => number): Promise<number> {
  let last = -1;
  let since = performance.now();
  return await until(() => {
    const value = read();
    if (value !== last) {
      last = value;
      since = performance.now();
    }
    return performance.now() - since > 600 ? value : undefined;
  });
}

const WORD = 'word '.repeat(20_000);
const tokensSent = (): number => upstream.requests.reduce((sum, record) => sum + record.tokensSent, 0);

describe('a client that does not read', () => {
  it('stops the upstream, and the hub holds less than a megabyte for it', async () => {
    const client = await open({ endless: true, text: WORD });
    client.socket.pause();
    await until(() => tokensSent() > 0);
    await settled(tokensSent);
    const [socket] = serverSockets;
    await until(() => socket!.writableNeedDrain);
    // A kernel may take more for a while; pings, one each 100 ms, would never let this come to rest.
    await settled(() => socket!.bytesWritten + socket!.writableLength);
    expect(socket!.writableLength).toBeLessThan(HELD_BYTES_MAX);
    expect(socket!.bytesWritten + socket!.writableLength).toBeLessThan(KERNEL_BYTES_MAX);
    expect(upstream.requests[0]!.closedAt).toBeUndefined();
    client.reset();
    await until(() => upstream.requests[0]!.abortedAt !== undefined);
  });

  it.each([
    ['resets', (client: RawClient) => client.reset()],
    ['closes', (client: RawClient) => client.close()],
  ])('and then %s, ten of them, leaves nothing running', async (_how, leave) => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => open({ endless: true, text: WORD })));
    for (const client of clients) client.socket.pause();
    await until(() => serverSockets.length === 10 && serverSockets.every((socket) => socket.writableNeedDrain));
    for (const client of clients) leave(client);
    await within(2000, () => upstream.requests.every((record) => record.abortedAt !== undefined));
    await until(() => hub.app.get(RunRegistry).size === 0);
    await until(() => serverSockets.every((socket) => socket.destroyed));
    const lines = hub.logs.filter((line) => line['msg'] === 'request').slice(-10);
    expect(lines.map((line) => line['outcome'])).toEqual(Array(10).fill('client_gone'));
  });

  it('and reads on later gets every event in order', async () => {
    const client = await open({ tokens: 150_000 });
    client.socket.pause();
    await until(() => tokensSent() > 0);
    await settled(tokensSent);
    expect(tokensSent()).toBeLessThan(150_000);
    client.socket.resume();
    const { body } = parseResponse(await client.readToEnd(100_000));
    expect(body.match(/"content":"[^"]+"/g)).toHaveLength(150_000);
    expect(body.endsWith('data: [DONE]\n\n')).toBe(true);
    await until(() => hub.logs.findLast((line) => line['msg'] === 'request')?.['outcome'] === 'done');
  });
});

describe('a client that reads slowly', () => {
  it('gets the whole stream and is not cut', async () => {
    const client = await open({ tokens: 400, token_ms: 2 });
    // A piece now and then, as a link of a few KB a second gives it.
    const drip = setInterval(() => {
      client.socket.resume();
      setImmediate(() => client.socket.pause());
    }, 50);
    try {
      await until(() => client.text.includes('data: [DONE]'));
    } finally {
      clearInterval(drip);
      client.socket.resume();
    }
    const { status, body } = parseResponse(await client.readToEnd());
    expect(status).toBe(200);
    expect(body.match(/"content":"[^"]+"/g)).toHaveLength(400);
  });
});
