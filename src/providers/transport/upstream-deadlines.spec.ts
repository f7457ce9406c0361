import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RequestDeadlines, UpstreamClient, type UpstreamResponse } from './upstream-client.js';

const PATIENT_MS = 20_000;
const LIMITS = {
  connectTimeoutMs: PATIENT_MS,
  headersTimeoutMs: PATIENT_MS,
  idleTimeoutMs: PATIENT_MS,
  totalTimeoutMs: PATIENT_MS,
  connectionsMax: 1,
};
const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n';
const PING = ': ping\n\n';

let server: Server;
let client: UpstreamClient;
const sockets: Socket[] = [];
let answer: (socket: Socket) => void;

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new UpstreamClient(LIMITS);
});
afterEach(async () => {
  await client.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

interface Place {
  readonly host?: string;
  readonly port?: number;
}

function send(deadlines: RequestDeadlines, { host = '127.0.0.1', port }: Place = {}): Promise<UpstreamResponse> {
  return client.send({
    method: 'GET',
    origin: `http://${host}:${port ?? (server.address() as AddressInfo).port}`,
    path: '/',
    headers: {},
    allowPrivateNetwork: true,
    deadlines,
    signal: new AbortController().signal,
  });
}

/** Writes pings for as long as somebody listens. */
function pingFor(socket: Socket): void {
  const timer = setInterval(() => socket.write(PING), 20);
  socket.on('close', () => clearInterval(timer));
}

/** A server in a thread of its own, which answers while this one stands still: the head at once, a piece 100 ms later, no end. */
async function startElsewhere(head: string, piece: string): Promise<{ port: number; stop(): Promise<unknown> }> {
  const code = `
    const { parentPort, workerData: [head, piece] } = require('node:worker_threads');
    const server = require('node:net').createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => {
        socket.write(head);
        setTimeout(() => socket.write(piece), 100);
      });
    });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const worker = new Worker(code, { eval: true, workerData: [head, piece] });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  return { port, stop: () => worker.terminate() };
}

async function readAll({ body }: UpstreamResponse): Promise<void> {
  while ((await body.next()) !== undefined);
}

describe('deadlines of one request', () => {
  it('end it without a head in time', async () => {
    answer = () => undefined;
    await expect(send({ headersMs: 100 })).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/did not answer/),
    });
  });

  it('end it without a connection in time, which is nobody being there', async () => {
    await client.close();
    let giveUp = (): void => undefined;
    client = new UpstreamClient(LIMITS, {
      resolveAll: (_host, done) => {
        giveUp = () => done(new Error('given up'), []);
      },
    });
    await expect(send({ connectMs: 100 }, { host: 'name.test' })).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringMatching(/No connection/),
    });
    giveUp();
  });

  it('do not take a wait for the connections that others use for a connection that is not made', async () => {
    answer = (socket) => socket.write(HEAD);
    const first = await send({});
    // The only connection is taken; that the head does not come in time is another failure.
    await expect(send({ connectMs: 100, headersMs: 400 })).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/did not answer/),
    });
    first.body.abort(new Error('done'));
  });

  it('end it in a silence', async () => {
    answer = (socket) => socket.write(HEAD + PING);
    await expect(readAll(await send({ idleMs: 100 }))).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/silent/),
    });
  });

  it('do not count the time in which the hub itself stands still', async () => {
    const { port, stop } = await startElsewhere(HEAD, PING);
    try {
      const response = await send({ idleMs: 300 }, { port });
      const at = performance.now();
      // Ten times the delay of the piece: it lies unread in the socket when the clock looks again.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      expect(performance.now() - at).toBeGreaterThan(900);
      expect(Buffer.from((await response.body.next())!).toString()).toBe(PING);
    } finally {
      await stop();
    }
  });

  it('end it after its whole time, however much comes', async () => {
    answer = (socket) => {
      socket.write(HEAD);
      pingFor(socket);
    };
    await expect(readAll(await send({ totalMs: 200 }))).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/longer/),
    });
  });
});

describe('the deadline of the first content', () => {
  it('is not met by a head', async () => {
    answer = (socket) => socket.write(HEAD);
    await expect(readAll(await send({ contentMs: 100 }))).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('is not met by pings, which do count as activity', async () => {
    answer = (socket) => {
      socket.write(HEAD);
      pingFor(socket);
    };
    const response = await send({ contentMs: 300, idleMs: 250 });
    await expect(readAll(response)).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/no content/),
    });
  });

  it('runs from the sending on, also while the head is awaited', async () => {
    answer = () => undefined;
    await expect(send({ contentMs: 100 })).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/no content/),
    });
  });

  it('is met by what the reader calls content; from then on another silence may be allowed', async () => {
    answer = (socket) => socket.write(`${HEAD}data: 1\n\n`);
    const { body } = await send({ contentMs: 600, idleMs: 600 });
    await body.next();
    body.noteContent(900);
    const at = performance.now();
    await expect(body.next()).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringMatching(/silent for 900/),
    });
    expect(performance.now() - at).toBeGreaterThan(700);
  });
});
