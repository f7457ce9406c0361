import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { type AddressInfo, Server as TcpServer } from 'node:net';
import { acceptWaiting } from './accept-waiting.js';

const CLIENTS = 50;

it('a server that has let those in who waited answers all of them, though it closes then', async () => {
  const server = createServer((_request, answer) => answer.end('served'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // The kernel makes the connections while this turn lasts, and the server cannot accept before it ends.
  const asked = Array.from(
    { length: CLIENTS },
    () =>
      new Promise<string>((resolve) => {
        get({ host: '127.0.0.1', port, agent: false }, (answer) => {
          answer.resume().on('end', () => resolve(String(answer.statusCode)));
        }).on('error', ({ message }) => resolve(message));
      }),
  );
  await new Promise<void>((resolve) => process.nextTick(resolve));
  // A kernel that is busy with others makes them a little later.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  await acceptWaiting(server);
  // As a stop does it: connections that have not asked yet stay open.
  TcpServer.prototype.close.call(server);
  expect(new Set(await Promise.all(asked))).toEqual(new Set(['200']));
  server.closeAllConnections();
});
