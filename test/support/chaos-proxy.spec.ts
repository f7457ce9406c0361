import { connect, createServer, type Server, type Socket } from 'node:net';
import { type ChaosProxy, startChaosProxy } from './chaos-proxy.js';
import { freePort } from './free-port.js';
import { until } from './until.js';

let server: Server;
let served: Socket[];
let received: string;
let proxy: ChaosProxy;
let clients: Socket[];

/** A client that notes what it hears and how it ends. */
function open() {
  const socket = connect(proxy.port, '127.0.0.1');
  const seen = { text: '', end: '' };
  socket.on('data', (chunk: Buffer) => {
    seen.text += chunk.toString();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    seen.end = error.code ?? 'error';
  });
  socket.on('end', () => {
    seen.end ||= 'end';
  });
  clients.push(socket);
  return { socket, seen };
}

beforeEach(async () => {
  [served, clients, received] = [[], [], ''];
  const port = await freePort();
  // Answers every line with the same line.
  server = createServer((socket) => {
    served.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString();
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  proxy = await startChaosProxy(port);
});
afterEach(async () => {
  for (const socket of [...clients, ...served]) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

it('passes bytes and ends both ways', async () => {
  const { socket, seen } = open();
  socket.write('hello');
  await until(() => seen.text === 'hello');
  socket.end();
  await until(() => seen.end === 'end' && proxy.openCount === 0);
});

it('says nothing in the dark, not even to new connections, and delivers late', async () => {
  const { socket, seen } = open();
  socket.write('a');
  await until(() => seen.text === 'a');
  proxy.blackhole();
  socket.write('b');
  const late = open();
  late.socket.write('c');
  await until(() => proxy.acceptedCount === 2);
  served[0]?.write('d');
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([seen, late.seen]).toEqual([
    { text: 'a', end: '' },
    { text: '', end: '' },
  ]);
  expect(received).toBe('a');
  proxy.pass();
  await until(() => seen.text === 'adb' && late.seen.text === 'c');
});

it('lets go of a connection whose client left in the dark', async () => {
  const { socket, seen } = open();
  socket.write('a');
  await until(() => seen.text === 'a');
  proxy.blackhole();
  socket.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  proxy.pass();
  await until(() => proxy.openCount === 0);
});

it('resets what is open, and refuses what is new', async () => {
  const { socket, seen } = open();
  socket.write('a');
  await until(() => seen.text === 'a');
  proxy.resetAll();
  await until(() => seen.end === 'ECONNRESET');
  proxy.refuse();
  const refused = open();
  await until(() => refused.seen.end === 'ECONNRESET');
  expect(served).toHaveLength(1);
});

it('delays every chunk and keeps the order', async () => {
  const { socket, seen } = open();
  socket.write('a');
  await until(() => seen.text === 'a');
  proxy.delay(100);
  const startedAt = performance.now();
  socket.write('b');
  await until(() => seen.text === 'ab');
  // There and back.
  expect(performance.now() - startedAt).toBeGreaterThan(190);
  socket.write('c');
  await new Promise((resolve) => setTimeout(resolve, 50));
  proxy.delay(0);
  socket.write('d');
  await until(() => seen.text.length === 4);
  expect(seen.text).toBe('abcd');
});

it.each(['up', 'down'] as const)(
  'cuts after so many bytes %s, once, and lets exactly those through',
  async (direction) => {
    const { socket, seen } = open();
    proxy.cut({ direction, afterBytes: 3, onlyAfter: 'now' });
    socket.write('before');
    await until(() => seen.text === 'before');
    socket.write('now or never');
    await until(() => seen.end === 'ECONNRESET');
    expect(proxy.cutCount).toBe(1);
    if (direction === 'up') expect(received).toBe('beforenow');
    else expect(received).toBe('beforenow or never');
    const again = open();
    again.socket.write('now');
    await until(() => again.seen.text === 'now');
  },
);

it('loses the answer to a request that the server has got', async () => {
  const { socket, seen } = open();
  proxy.loseAnswer('important');
  socket.write('hello');
  await until(() => seen.text === 'hello');
  socket.write('important');
  await until(() => seen.end === 'ECONNRESET');
  expect([received, seen.text]).toEqual(['helloimportant', 'hello']);
});
