import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';

// What servers commonly log for a client that left before there was an answer.
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Writes the one line of a request when its connection is done with it: answered, or gone. Fastify's own hook runs only
 * for answers that were sent to their end. A request that was admitted is written when it is finished, however long that
 * takes after its client has left.
 */
export function logAtEnd(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  reply.raw.on('close', () => {
    const { hubLog } = request;
    if (reply.raw.writableFinished && hubLog.isRunning !== true) logRequest(logger, request, reply);
    else if (isStillHandled(request)) {
      hubLog.writeLine = () => {
        hubLog.writeLine = undefined;
        logRequest(logger, request, reply);
      };
    } else logRequest(logger, request, reply);
  });
}

/** True when somebody has yet to learn that the client left: a running request, or a reader of the body. */
function isStillHandled({ hubLog, raw }: FastifyRequest): boolean {
  return hubLog.isRunning === true || (!raw.complete && hubLog.code === undefined);
}

/** Query strings, bodies and credentials never come near the line. */
function logRequest(logger: Logger, request: FastifyRequest, reply: FastifyReply): void {
  const { isRunning: _, writeLine: __, ...facts } = request.hubLog;
  const status = reply.raw.headersSent ? reply.raw.statusCode : CLIENT_CLOSED_REQUEST;
  const line = {
    id: request.id,
    method: request.method,
    // The pattern rather than the address, which may carry what a client should not have put there.
    path: request.routeOptions.url ?? 'unknown',
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    ...facts,
  };
  if (status >= 500) logger.warn(line, 'request');
  else logger.info(line, 'request');
}
