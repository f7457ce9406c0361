import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RawClient, rawRequest } from '../../test/support/raw-client.js';
import { until } from '../../test/support/until.js';
import { cutStalledAnswer, cutStalledStream } from './cut-stalled-answer.js';

// Well above what a busy machine keeps this process from its sockets.
const STALL_MS = 1_000;
// More than all socket buffers on the way hold.
const LARGE = Buffer.alloc(32 * 1024 * 1024, 'x');

let server: Server;
let sockets: Socket[];
let body: Buffer;
let later: ServerResponse | undefined;

beforeEach(async () => {
  sockets = [];
  later = undefined;
  server = createServer((request, response) => {
    if (request.url === '/later') later = response;
    else answer(response);
  });
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function answer(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': body.length });
  response.end(body);
  cutStalledAnswer(response, STALL_MS);
}

async function ask(): Promise<RawClient> {
  const client = await RawClient.connect((server.address() as AddressInfo).port);
  client.socket.pause();
  client.send(rawRequest({ method: 'GET', path: '/', headers: [] }));
  await until(() => sockets[0] !== undefined && sockets[0].bytesWritten > 0);
  return client;
}

describe('cutStalledAnswer', () => {
  it('cuts a client that takes nothing', async () => {
    body = LARGE;
    const askedAt = performance.now();
    await ask();
    await until(() => sockets[0]?.destroyed);
    expect(performance.now() - askedAt).toBeGreaterThan(STALL_MS - 50);
  });

  it('cuts it also when the answer had to wait behind an earlier one', async () => {
    body = LARGE;
    const client = await RawClient.connect((server.address() as AddressInfo).port);
    client.socket.pause();
    for (const path of ['/later', '/']) client.send(rawRequest({ method: 'GET', path, headers: [] }));
    const first = await until(() => later);
    first.end('small');
    await until(() => sockets[0]?.destroyed);
  });

  it('serves a client that reads slowly to the end, and keeps its connection as before', async () => {
    body = LARGE;
    const client = await ask();
    const askedAt = performance.now();
    let size = 0;
    client.socket.on('data', (bytes: Buffer) => {
      size += bytes.length;
      client.socket.pause();
    });
    const drip = setInterval(() => client.socket.resume(), 25);
    await until(() => performance.now() - askedAt > 3 * STALL_MS).finally(() => clearInterval(drip));
    // How much a slow reader takes at once is the kernel's affair; that there is a rest shows that it was slow.
    expect(size).toBeLessThan(LARGE.length);
    client.socket.removeAllListeners('data').on('data', (bytes: Buffer) => {
      size += bytes.length;
    });
    client.socket.resume();
    await until(() => size > LARGE.length || sockets[0]?.destroyed);
    expect(size).toBeGreaterThan(LARGE.length);
    expect(sockets[0]?.destroyed).toBe(false);
    expect(sockets[0]?.timeout).not.toBe(STALL_MS);
    client.close();
  });

  it('cuts a client that takes nothing of an answer of which more is to come', async () => {
    const client = await RawClient.connect((server.address() as AddressInfo).port);
    client.send(rawRequest({ method: 'GET', path: '/later', headers: [] }));
    const response = await until(() => later);
    response.write('beginning');
    cutStalledStream(response, STALL_MS);
    await until(() => client.text.includes('beginning'));
    client.socket.pause();
    response.write(LARGE);
    await until(() => sockets[0]?.destroyed);
    expect(response.destroyed).toBe(true);
  });

  it('keeps the connection of a stream that was taken to its end as before', async () => {
    const client = await RawClient.connect((server.address() as AddressInfo).port);
    client.send(rawRequest({ method: 'GET', path: '/later', headers: [] }));
    const response = await until(() => later);
    cutStalledStream(response, STALL_MS);
    response.end('all of it');
    await until(() => client.text.includes('all of it'));
    expect(sockets[0]?.timeout).not.toBe(STALL_MS);
    client.close();
  });

  it('watches no answer that the kernel has taken', async () => {
    body = Buffer.from('small');
    const client = await ask();
    client.socket.resume();
    await until(() => client.text.includes('small'));
    expect(sockets[0]?.timeout).not.toBe(STALL_MS);
    client.close();
  });
});
