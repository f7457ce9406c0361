import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

// A property rather than a map: it is written with every request.
const REPLY = Symbol('reply');

interface NotedSocket extends Socket {
  [REPLY]?: FastifyReply;
}

/** Notes which reply a connection waits for. */
export function noteReply(socket: NotedSocket, reply: FastifyReply): void {
  socket[REPLY] = reply;
}

/** The reply a connection waits for, or undefined when it waits for none. */
export function currentReply(socket: NotedSocket): FastifyReply | undefined {
  const reply = socket[REPLY];
  return reply?.raw.writableEnded === false ? reply : undefined;
}
