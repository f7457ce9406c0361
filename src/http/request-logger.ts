import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

/** Writes the one line of a request. Query strings, bodies and credentials never come near it. */
export function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const line = {
    id: request.id,
    method: request.method,
    // The pattern rather than the address, which may carry what a client should not have put there.
    path: request.routeOptions.url ?? 'unknown',
    status: reply.raw.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ...request.hubLog,
  };
  if (reply.raw.statusCode >= 500) logger.warn(line, 'request');
  else logger.info(line, 'request');
}
