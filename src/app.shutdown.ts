import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { RunRegistry } from './relay/run-registry.js';

const SWEEP_MS = 50;
// After the drain window: for the last bytes of what was ended, and for requests that are not relayed.
const LAST_BYTES_MS = 3000;

/**
 * Stops the application without cutting anybody off: not ready at once, no new connections, connections told to close as
 * they answer, streams given `drainTimeoutMs` to finish and then ended with an error event, everything closed.
 */
export async function shutDown(app: NestFastifyApplication, drainTimeoutMs: number): Promise<void> {
  app.get(Lifecycle).beginDrain();
  const server = app.getHttpServer() as Server;
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  // A connection that becomes idle only now would otherwise wait for its keep-alive time.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await app.get(RunRegistry).drain(drainTimeoutMs);
  await Promise.race([closed, sleep(LAST_BYTES_MS, undefined, { ref: false })]);
  clearInterval(sweep);
  server.closeAllConnections();
  await app.close();
}
