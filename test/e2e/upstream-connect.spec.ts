import { type AddressInfo, createServer, type Server } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ResolveAll } from '../../src/providers/transport/address-guard.js';
import { type FakeUpstream, makeCertificate, startFakeUpstream } from '../support/fake-upstream.js';
import { freePort } from '../support/free-port.js';
import { startHub, type TestHub } from '../support/hub.js';
import { quietNow } from '../support/quiet-clock.js';
import { askChat, readError, requestLine, streamChat } from '../support/relay-client.js';

const CONNECT_TIMEOUT_MS = 800;
const CREDENTIAL = 'sk-canary-9f8e7d6c5b4a';

let upstream: FakeUpstream;
let hub: TestHub;
let good: Awaited<ReturnType<typeof makeCertificate>>;
let expired: typeof good;
let wrongHost: typeof good;
const timers: NodeJS.Timeout[] = [];
const servers: Server[] = [];

// What the names of this suite resolve to.
const resolveAll: ResolveAll = (host, done) => {
  const fail = (code: string): void => done(Object.assign(new Error(`${code} ${host}`), { code }), []);
  const found = (): void => done(null, [{ address: '127.0.0.1', family: 4 }]);
  if (host === 'nxdomain.test') fail('ENOTFOUND');
  else if (host === 'servfail.test') fail('EAI_AGAIN');
  else if (host === 'late.test') timers.push(setTimeout(found, 8000));
  else if (host !== 'silent.test') found();
};

beforeAll(async () => {
  [good, expired, wrongHost] = await Promise.all([
    makeCertificate(),
    makeCertificate({ isExpired: true }),
    makeCertificate({ altNames: ['DNS:other.test'] }),
  ]);
  upstream = await startFakeUpstream();
  hub = await startHub({
    env: { HUB_UPSTREAM_CONNECT_TIMEOUT_MS: String(CONNECT_TIMEOUT_MS) },
    // Expired and misnamed certificates come from a trusted authority, so that only their own fault can refuse them.
    upstreamClient: { resolveAll, ca: [good, expired, wrongHost].map(({ cert }) => cert).join('\n') },
  });
});
afterEach(() => {
  upstream.reset();
  for (const timer of timers.splice(0)) clearTimeout(timer);
  for (const server of servers.splice(0)) server.close();
});
afterAll(async () => {
  await hub.close();
  await upstream.close();
});

/** Declares a channel at `baseUrl` that is asked first and, behind it, one that works. */
async function declare(baseUrl: string, hasSpare = true): Promise<void> {
  const spare = { name: 'spare', baseUrl: upstream.url, priority: 0 };
  await hub.setChannels([{ name: 'first', baseUrl, priority: 1, apiKey: CREDENTIAL }, ...(hasSpare ? [spare] : [])]);
}

describe('a channel whose port refuses connections', () => {
  it('costs a request no more than 100 ms', async () => {
    await declare(`http://127.0.0.1:${await freePort()}/v1`);
    const tookMs: number[] = [];
    // The best of several, because this machine may be busy with other things.
    for (let round = 1; round <= 5; round++) {
      const startedAt = quietNow();
      const response = await askChat(hub);
      tookMs.push(quietNow() - startedAt);
      expect(response.status).toBe(200);
      expect(upstream.executions).toBe(round);
      expect(await requestLine(hub, response)).toMatchObject({ channel: 'spare', attempts: 2, outcome: 'done' });
    }
    expect(Math.min(...tookMs)).toBeLessThan(100);
  });

  it('gives 502 upstream_unreachable when there is no other', async () => {
    await declare(`http://127.0.0.1:${await freePort()}/v1`, false);
    const response = await askChat(hub);
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await readError(response)).toMatchObject({ status: 502, code: 'upstream_unreachable' });
    const line = await requestLine(hub, response);
    expect(line).toMatchObject({ attempts: 1, outcome: 'failed', code: 'upstream_unreachable' });
    expect(line).not.toHaveProperty('outputTokens');
  });
});

describe('a channel whose name does not resolve', () => {
  const hosts = ['nxdomain.test', 'servfail.test', 'silent.test', 'late.test'];

  it.each(hosts)('lets another channel answer within the connect timeout: %s', async (host) => {
    await declare(`http://${host}:${upstream.port}/v1`);
    const startedAt = quietNow();
    const response = await askChat(hub);
    expect(response.status).toBe(200);
    expect(quietNow() - startedAt).toBeLessThan(CONNECT_TIMEOUT_MS + 3000);
    expect(await requestLine(hub, response)).toMatchObject({ channel: 'spare', attempts: 2 });
  });

  it.each(hosts)('gives 502 upstream_unreachable when there is no other: %s', async (host) => {
    await declare(`http://${host}:${upstream.port}/v1`, false);
    const response = await askChat(hub);
    const error = await readError(response);
    expect(error).toMatchObject({ status: 502, code: 'upstream_unreachable' });
    expect(error.message).not.toContain('test');
    expect(upstream.requests).toHaveLength(0);
  });
});

describe('a channel whose TLS cannot be trusted', () => {
  const cases: readonly (readonly [string, () => TlsOptions])[] = [
    ['an expired certificate', () => expired],
    ['a certificate of another host', () => wrongHost],
    ['TLS 1.0 at most', () => ({ ...good, minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' })],
  ];

  it.each(cases)('gives 502 upstream_tls_error and keeps the credential to itself: %s', async (_name, options) => {
    await expectNoHandshake(options());
  });

  it('gives 502 upstream_tls_error and keeps the credential to itself: a self-signed certificate', async () => {
    await expectNoHandshake(await makeCertificate());
  });

  it('gives 502 upstream_tls_error and keeps the credential to itself: no TLS at all', async () => {
    const received: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on('data', (bytes: Buffer) => received.push(bytes)).on('error', () => undefined);
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
    });
    const port = await listen(server);
    await declare(`https://127.0.0.1:${port}/v1`, false);
    expect(await readError(await askChat(hub))).toMatchObject({ status: 502, code: 'upstream_tls_error' });
    expect(Buffer.concat(received).toString('latin1')).not.toContain(CREDENTIAL);
  });

  it('is answered by the next channel', async () => {
    const server = createTlsServer(expired);
    const port = await listen(server);
    await declare(`https://127.0.0.1:${port}/v1`);
    const stream = await streamChat(hub);
    expect(stream.isDone).toBe(true);
    expect(await requestLine(hub, stream)).toMatchObject({ channel: 'spare', attempts: 2 });
  });

  it('is no obstacle when it can be trusted', async () => {
    const secure = await startFakeUpstream({ tls: good });
    await declare(secure.url, false);
    expect((await askChat(hub)).status).toBe(200);
    expect(secure.requests[0]?.headers.authorization).toBe(`Bearer ${CREDENTIAL}`);
    await secure.close();
  });

  /** Nothing is sent before the handshake is complete, so no credential can have left. */
  async function expectNoHandshake(options: TlsOptions): Promise<void> {
    let handshakes = 0;
    let connections = 0;
    const server = createTlsServer(options, () => handshakes++);
    server.on('connection', () => connections++).on('tlsClientError', () => undefined);
    const port = await listen(server);
    await declare(`https://127.0.0.1:${port}/v1`, false);
    const error = await readError(await askChat(hub));
    expect(error).toMatchObject({ status: 502, code: 'upstream_tls_error' });
    expect(connections).toBe(1);
    expect(handshakes).toBe(0);
    expect(hub.logText()).not.toContain(CREDENTIAL);
  }
});

describe('a channel whose address is not allowed', () => {
  it.each(['http://127.0.0.1:1/v1', 'http://public.test/v1', 'http://[::ffff:127.0.0.1]/v1', 'http://0.0.0.0/v1'])(
    'gives 502 without a connection: %s',
    async (baseUrl) => {
      await hub.setChannels([{ name: 'first', baseUrl, allowPrivateNetwork: false }]);
      const error = await readError(await askChat(hub));
      expect(error).toMatchObject({ status: 502, code: 'upstream_unreachable' });
      expect(error.message).not.toMatch(/127\.0\.0\.1|test|0\.0\.0\.0/);
    },
  );

  it('refuses metadata addresses even to a channel in a private network', async () => {
    await hub.setChannels([{ name: 'first', baseUrl: 'http://169.254.169.254/latest' }]);
    const response = await askChat(hub);
    expect(await readError(response)).toMatchObject({ status: 502, code: 'upstream_unreachable' });
    expect((await requestLine(hub, response))['detail']).toContain('not allowed');
  });
});

async function listen(server: Server): Promise<number> {
  servers.push(server.on('connection', (socket) => socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
