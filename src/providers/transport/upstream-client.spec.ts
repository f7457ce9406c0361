import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { UpstreamClient, type UpstreamResponse } from './upstream-client.js';

const LIMITS = {
  connectTimeoutMs: 5000,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 10_000,
  totalTimeoutMs: 20_000,
  connectionsMax: 1,
};
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n';

let server: Server;
let client: UpstreamClient;
/** What the server does with each request; `count` is the number of requests on all connections so far. */
let answer: (socket: Socket, count: number, host: string) => void;
let count: number;

beforeEach(async () => {
  count = 0;
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(socket, ++count, /host: (\w+)/i.exec(bytes.toString())?.[1] ?? ''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new UpstreamClient(LIMITS, {
    resolveAll: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
  });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await client.close();
  server.close();
});

function send(host: string): Promise<UpstreamResponse> {
  return client.send({
    method: 'GET',
    origin: `http://${host}.test:${(server.address() as AddressInfo).port}`,
    path: '/',
    headers: {},
    allowPrivateNetwork: true,
    signal: new AbortController().signal,
  });
}

async function read(host: string): Promise<string> {
  return (await (await send(host)).body.collect(10)).toString();
}

describe('a request on a reused connection that dies', () => {
  it('is sent again when the connection dies at once: the peer had closed it before', async () => {
    answer = (socket, number) => (number === 2 ? socket.destroy() : socket.write(`${HEAD}ok`));
    expect([await read('a'), await read('a')]).toEqual(['ok', 'ok']);
    expect(count).toBe(3);
  });

  it('is not sent again after a second: the peer may have worked on it', async () => {
    answer = (socket, number) => {
      if (number !== 2) {
        socket.write(`${HEAD}ok`);
        return;
      }
      const now = performance.now.bind(performance);
      jest.spyOn(performance, 'now').mockImplementation(() => now() + 1001);
      socket.destroy();
    };
    expect(await read('a')).toBe('ok');
    await expect(send('a')).rejects.toMatchObject({ kind: 'unreachable' });
    expect(count).toBe(2);
  });
});

describe('connections to very many hosts', () => {
  it('are closed for the hosts that were asked longest ago, once their requests are done', async () => {
    const sockets = new Map<string, Socket>();
    answer = (socket, _number, host) => {
      sockets.set(host, socket);
      if (host === 'busy') socket.write(HEAD);
      else socket.write(`${HEAD}ok`);
    };
    const busy = await send('busy');
    await read('idle');
    const isClosed = new Promise((resolve) => sockets.get('idle')?.on('close', resolve));
    for (let i = 0; i < 500; i += 20) await Promise.all(Array.from({ length: 20 }, (_, k) => read(`h${i + k}`)));
    await isClosed;
    sockets.get('busy')?.write('ok');
    expect((await busy.body.collect(10)).toString()).toBe('ok');
  });
});
