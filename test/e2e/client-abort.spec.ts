import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ApiKeyService } from '../../src/auth/api-key.service.js';
import { RunRegistry } from '../../src/relay/run-registry.js';
import type { Directive } from '../../src/sandbox/faults/directive.js';
import { type FakeUpstream, startFakeUpstream } from '../support/fake-upstream.js';
import { startHub, type TestHub } from '../support/hub.js';
import { within } from '../support/quiet-clock.js';
import { parseResponse, RawClient, rawRequest } from '../support/raw-client.js';
import { until } from '../support/until.js';

const PATH = '/api/relay/v1/chat/completions';
const ABORT_MS_MAX = 500;

let upstream: FakeUpstream;
let hub: TestHub;
beforeAll(async () => {
  upstream = await startFakeUpstream();
  hub = await startHub({ channels: [{ name: 'main', baseUrl: upstream.url }] });
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});
beforeEach(() => upstream.reset());
afterEach(() => until(() => hub.app.get(RunRegistry).size === 0));

async function open(isStream: boolean, directive: Directive): Promise<RawClient> {
  upstream.script(directive);
  const client = await RawClient.connect(hub.port);
  const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'x' }], stream: isStream });
  client.send(
    rawRequest({
      method: 'POST',
      path: PATH,
      headers: [`authorization: Bearer ${hub.apiKey}`, 'content-type: application/json'],
      body,
    }),
  );
  return client;
}

/** To be called when a client has just left. */
async function expectAborted(): Promise<void> {
  await within(ABORT_MS_MAX, () => upstream.requests.every((record) => record.abortedAt !== undefined));
}

const connectionCount = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server: import('node:http').Server = hub.app.getHttpServer();
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });

const lastLog = (): Record<string, unknown> | undefined => hub.logs.findLast((line) => line['msg'] === 'request');

// How a client leaves, and which answers it was waiting for at that moment.
const WAYS = [
  ['resets the connection', (client: RawClient) => client.reset()],
  ['closes the connection with a FIN', (client: RawClient) => client.close()],
] as const;
const MOMENTS = [
  ['before the head of a whole answer', false, { stall_headers: true }, undefined],
  ['in the middle of what will be a whole answer', false, { stall_after: 0 }, undefined],
  ['before the head of a stream', true, { stall_headers: true }, undefined],
  ['before the first event of a stream', true, { first_token_ms: 60_000 }, undefined],
  ['in the middle of a stream', true, { stall_after: 3, tokens: 10 }, '"content"'],
] as const;

describe.each(WAYS)('a client that %s', (_way, leave) => {
  it.each(MOMENTS)('%s aborts the upstream within 500 ms', async (_moment, isStream, directive, sight) => {
    const before = hub.logs.length;
    const client = await open(isStream, directive);
    await until(() => upstream.requests.length === 1 && upstream.executions === 1);
    if (sight !== undefined) await client.seen(sight);
    leave(client);
    await expectAborted();
    await until(() => hub.logs.slice(before).some((line) => line['msg'] === 'request'));
    expect(lastLog()).toMatchObject({ path: PATH, outcome: 'client_gone', channel: 'main', model: 'gpt-4' });
    if (sight === undefined) expect(lastLog()).toMatchObject({ status: 499 });
  });
});

describe('a client that leaves while its key is looked up', () => {
  it('is noticed: the upstream is never asked', async () => {
    const keys = hub.app.get(ApiKeyService);
    const authenticate = keys.authenticate.bind(keys);
    const lookUp = Promise.withResolvers<void>();
    const slowly = jest.spyOn(keys, 'authenticate').mockImplementation(async (header) => {
      await lookUp.promise;
      return await authenticate(header);
    });
    const admit = jest.spyOn(hub.app.get(RunRegistry), 'admit');
    const closed = Promise.withResolvers<void>();
    hub.app.getHttpServer().once('connection', (socket: import('node:net').Socket) => {
      socket.once('close', () => closed.resolve());
    });
    const client = await RawClient.connect(hub.port);
    upstream.script({ stall_headers: true });
    const query = new URLSearchParams({ model: 'gpt-4', messages: '[{"role":"user","content":"x"}]' });
    client.send(
      rawRequest({ method: 'GET', path: `${PATH}?${query}`, headers: [`authorization: Bearer ${hub.apiKey}`] }),
    );
    await until(() => slowly.mock.calls.length === 1);
    client.reset();
    await closed.promise;
    lookUp.resolve();
    await until(() => admit.mock.calls.length === 1);
    slowly.mockRestore();
    admit.mockRestore();
    await until(() => hub.app.get(RunRegistry).size === 0);
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('fetch with an AbortSignal', () => {
  it.each([[false], [true]])('aborts the upstream (stream: %s)', async (isStream) => {
    upstream.script(isStream ? { stall_after: 3, tokens: 10 } : { stall_headers: true });
    const controller = new AbortController();
    const body = { model: 'gpt-4', messages: [{ role: 'user', content: 'x' }], stream: isStream };
    const answer = hub.post(PATH, body, { signal: controller.signal });
    answer.catch(() => undefined);
    await until(() => upstream.executions === 1);
    if (isStream) await (await answer).body!.getReader().read();
    controller.abort();
    await expectAborted();
  });
});

describe('200 clients that reset before the first byte', () => {
  it('abort their upstream requests within 500 ms and leave no connection behind', async () => {
    const before = await connectionCount();
    for (let wave = 0; wave < 10; wave++) {
      upstream.reset();
      const clients = await Promise.all(Array.from({ length: 20 }, () => open(false, { stall_headers: true })));
      await until(() => upstream.executions === 20);
      for (const client of clients) client.reset();
      await expectAborted();
    }
    await until(() => hub.app.get(RunRegistry).size === 0);
    await until(async () => (await connectionCount()) <= before);
  });

  it('leave no listener on a connection that is used again and again', async () => {
    const sockets: import('node:net').Socket[] = [];
    const note = (socket: import('node:net').Socket): number => sockets.push(socket);
    hub.app.getHttpServer().on('connection', note);
    const client = await open(true, { tokens: 3 });
    const counts: string[] = [];
    for (let i = 1; i <= 30; i++) {
      await until(() => client.text.split('data: [DONE]').length - 1 === i);
      await until(() => hub.app.get(RunRegistry).size === 0);
      const socket = sockets[0]!;
      counts.push(JSON.stringify(socket.eventNames().map((name) => [String(name), socket.listenerCount(name)])));
      const body = JSON.stringify({ model: 'gpt-4', messages: [{ role: 'user', content: 'x' }], stream: true });
      const headers = [`authorization: Bearer ${hub.apiKey}`, 'content-type: application/json'];
      if (i < 30) client.send(rawRequest({ method: 'POST', path: PATH, headers, body }));
    }
    hub.app.getHttpServer().off('connection', note);
    client.close();
    expect(sockets).toHaveLength(1);
    expect(counts[29]).toBe(counts[1]);
  });
});

describe('a client that sends FIN after its request and reads on', () => {
  it.each([
    ['a whole answer', false, { delay_ms: 400, text: 'the whole answer' }],
    ['a stream, with the FIN before its head', true, { delay_ms: 400, text: 'the whole answer' }],
    ['a stream, with the FIN between its events', true, { token_ms: 60, text: 'the whole answer' }],
  ] as const)('gets %s', async (_what, isStream, directive) => {
    const client = await open(isStream, directive);
    await until(() => upstream.requests.length === 1);
    if ('token_ms' in directive) await client.seen('"content"');
    client.halfClose();
    const response = parseResponse(await client.readToEnd());
    expect(response.status).toBe(200);
    if (isStream) {
      const contents = [...response.body.matchAll(/"content":"([^"]*)"/g)].map((match) => match[1]);
      expect(contents.join('')).toBe('the whole answer');
      expect(response.body.endsWith('data: [DONE]\n\n')).toBe(true);
    } else {
      expect(JSON.parse(response.body).choices[0].message.content).toBe('the whole answer');
    }
    expect(upstream.requests[0]!.abortedAt).toBeUndefined();
    await until(() => lastLog()?.['outcome'] === 'done');
  });

  it('has its connection closed when the answer is complete', async () => {
    const client = await open(false, { delay_ms: 50 });
    client.halfClose();
    await client.readToEnd();
    await until(() => client.isClosed);
  });
});

describe('a client that leaves in the middle of a stream', () => {
  it('stops the upstream near the tokens it has seen', async () => {
    const client = await open(true, { tokens: 2000, token_ms: 10 });
    await until(() => client.text.split('"content":"').length > 37);
    const seen = client.text.split('"content":"').length - 1;
    client.close();
    await expectAborted();
    expect(upstream.requests[0]!.tokensSent).toBeGreaterThanOrEqual(seen - 2);
    expect(upstream.requests[0]!.tokensSent).toBeLessThanOrEqual(seen + ABORT_MS_MAX / 10);
    await until(() => hub.app.get(RunRegistry).size === 0);
    expect(lastLog()).toMatchObject({ outcome: 'client_gone', status: 200 });
  });
});

describe('a client that breaks the protocol in the middle of a stream', () => {
  // A second status line inside the body would be read as content, or as the answer to the next request.
  it('is cut off without a second answer inside the first', async () => {
    const client = await open(true, { stall_after: 3, tokens: 10 });
    await client.seen('"content"');
    client.send('\x00\x01 this is not HTTP\r\n\r\n');
    const text = await client.readToEnd();
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    client.close();
  });
});
