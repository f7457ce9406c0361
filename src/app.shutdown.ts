import type { Server, ServerResponse } from 'node:http';
import { Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { acceptWaiting } from './accept-waiting.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { RunRegistry } from './relay/run-registry.js';

const SWEEP_MS = 50;
/** How long a connection with nothing to answer is kept: a request may be on its way. */
const ARRIVAL_MS = 2000;
/** After the drain window: for the last bytes of what was ended, and for requests that are not relayed. */
const LAST_BYTES_MS = 3000;

/** The answers that have not been handed over to their last byte. */
export class OpenAnswers {
  private readonly answers = new Set<ServerResponse>();

  constructor(server: Server) {
    server.on('request', (_request: unknown, answer: ServerResponse) => {
      this.answers.add(answer);
      answer.once('close', () => this.answers.delete(answer));
    });
  }

  get size(): number {
    return this.answers.size;
  }

  /** True while one is complete, but waits for a client that takes it slowly. */
  get isAnyLeaving(): boolean {
    return [...this.answers].some((answer) => answer.writableEnded);
  }
}

/**
 * Stops the application without cutting anybody off: not ready at once, no new connections after those that wait already,
 * connections told to close as they answer, answers given `drainTimeoutMs` to reach their clients and streams then ended with an
 * error event, everything closed.
 */
export async function shutDown(
  app: NestFastifyApplication,
  answers: OpenAnswers,
  drainTimeoutMs: number,
): Promise<void> {
  app.get(Lifecycle).beginDrain();
  const server = app.getHttpServer() as Server;
  const runs = app.get(RunRegistry);
  let isClosed = false;
  await acceptWaiting(server);
  // As http.Server.close(), without its closeIdleConnections().
  TcpServer.prototype.close.call(server, () => {
    isClosed = true;
  });
  // A run may end before its answer has left, and, when the client is gone, after it.
  const isBusy = (): boolean => answers.size > 0 || runs.size > 0;
  const drainEndsAt = performance.now() + drainTimeoutMs;
  for (let busyAt = performance.now(); !isClosed && performance.now() < drainEndsAt; await sleep(SWEEP_MS)) {
    // Idle connections would wait for their keep-alive time. Node calls those idle as well whose answer is complete but
    // still in its buffers, and would cut it off.
    if (!answers.isAnyLeaving) server.closeIdleConnections();
    if (isBusy()) busyAt = performance.now();
    if (performance.now() - busyAt > ARRIVAL_MS) break;
  }
  runs.stop();
  const endsAt = performance.now() + LAST_BYTES_MS;
  while (isBusy() && performance.now() < endsAt) await sleep(SWEEP_MS);
  server.closeAllConnections();
  await app.close();
}
