import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below 32768, where Linux begins to give ports to outgoing connections: one of those would now and then take the port
 * before the server it is meant for. Each worker of a test run has ports of its own.
 */
const PORT_FIRST = 12_000;
const PORTS_PER_WORKER = 1_000;
const WORKERS_MAX = 20;

const base = PORT_FIRST + (Number(process.env['JEST_WORKER_ID'] ?? 0) % WORKERS_MAX) * PORTS_PER_WORKER;
let last = randomInt(PORTS_PER_WORKER);

/** A TCP port on 127.0.0.1 that nobody listens on at this moment, and that this suite gets once only. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_PER_WORKER; tries++) {
    last = (last + 1) % PORTS_PER_WORKER;
    // Kept: while this one is tried, another call may have moved on.
    const port = base + last;
    if (await isFree(port)) return port;
  }
  throw new Error(`All ports from ${base} on are taken`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
