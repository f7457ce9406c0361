import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { UpstreamClient } from './upstream-client.js';

const LIMITS = {
  connectTimeoutMs: 20_000,
  headersTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  totalTimeoutMs: 20_000,
  connectionsMax: 4,
};
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok';

let server: Server | undefined;
let client: UpstreamClient | undefined;

afterEach(async () => {
  await client?.close();
  server?.close();
});

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => onConnection(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

function send(port: number, allowPrivateNetwork: boolean) {
  return client!.send({
    method: 'GET',
    origin: `http://name.test:${port}`,
    path: '/',
    headers: {},
    allowPrivateNetwork,
    signal: new AbortController().signal,
  });
}

describe('UpstreamClient', () => {
  it('opens no connection to a private address that a name resolves to', async () => {
    let lookups = 0;
    let connections = 0;
    const port = await serve((socket) => {
      connections++;
      socket.end(ANSWER);
    });
    client = new UpstreamClient(LIMITS, {
      resolveAll: (_host, done) => {
        lookups++;
        done(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    for (let i = 0; i < 3; i++) await expect(send(port, false)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(lookups).toBe(3);
    expect(connections).toBe(0);
  });

  // With one lookup for both check and use, a name that changes its address in between (DNS rebinding) gains nothing.
  it('looks a name up once for each connection and uses that very answer', async () => {
    let lookups = 0;
    const port = await serve((socket) => socket.end(ANSWER));
    client = new UpstreamClient(LIMITS, {
      resolveAll: (_host, done) => {
        lookups++;
        done(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    expect((await (await send(port, true)).body.collect(10)).toString()).toBe('ok');
    expect(lookups).toBe(1);
  });

  it('keeps the connections of a channel that may reach private networks from one that may not', async () => {
    const port = await serve((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')),
    );
    client = new UpstreamClient(LIMITS, {
      resolveAll: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    await (await send(port, true)).body.collect(10);
    await expect(send(port, false)).rejects.toMatchObject({ kind: 'unreachable' });
  });
});
