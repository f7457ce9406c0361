import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';

const replies = new WeakMap<Socket, FastifyReply>();

/** Notes which reply a connection waits for. */
export function noteReply(socket: Socket, reply: FastifyReply): void {
  replies.set(socket, reply);
}

/** The reply a connection waits for, or undefined when it waits for none. */
export function currentReply(socket: Socket): FastifyReply | undefined {
  const reply = replies.get(socket);
  return reply?.raw.writableEnded === false ? reply : undefined;
}
