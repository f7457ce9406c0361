import type { FastifyReply, FastifyRequest } from 'fastify';
import { type DestinationStream, type Logger, symbols } from 'pino';
import type { Observers } from '../observers/observers.js';

// What servers commonly log for a client that left before there was an answer.
const CLIENT_CLOSED_REQUEST = 499;

/**
 * Writes the one line of each request into the process log. The line is serialised here in one call and handed to the
 * log's own stream: the logger's general way costs six times the memory per line.
 */
export class RequestLogger {
  private readonly stream: DestinationStream;
  private readonly level: string;
  private readonly warnLevel: string;

  /** @param observers are told of the end of each request, whether or not its line is written. */
  constructor(
    private readonly logger: Logger,
    private readonly observers: Observers,
  ) {
    this.stream = Reflect.get(logger, symbols.streamSym) as DestinationStream;
    this.level = String(logger.levels.values['info']);
    this.warnLevel = String(logger.levels.values['warn']);
  }

  /**
   * Writes the line when the connection is done with the request: answered, or gone. Fastify's own hook runs only for
   * answers that were sent to their end. A request that was admitted is written when it is finished, however long that
   * takes after its client has left.
   */
  logAtEnd(request: FastifyRequest, reply: FastifyReply): void {
    reply.raw.on('close', () => {
      const { hubLog } = request;
      const isAnswered = reply.raw.writableFinished && !hubLog.isRunning;
      if (!isAnswered && isStillHandled(request)) hubLog.wait(() => this.write(request, reply));
      else this.write(request, reply);
    });
  }

  private write(request: FastifyRequest, reply: FastifyReply): void {
    const { hubLog } = request;
    const status = reply.raw.headersSent ? reply.raw.statusCode : CLIENT_CLOSED_REQUEST;
    hubLog.id = request.id;
    hubLog.method = request.method;
    hubLog.path = request.routeOptions.url ?? 'unknown';
    // A raw answer, such as a 408, has noted its own.
    if (hubLog.status === 0) hubLog.status = status;
    hubLog.ms = Math.round(reply.elapsedTime * 10) / 10;
    this.observers.requestEnded(hubLog);
    const isWarning = status >= 500;
    if (!this.logger.isLevelEnabled(isWarning ? 'warn' : 'info')) return;
    const level = isWarning ? this.warnLevel : this.level;
    this.stream.write(`{"level":${level},"time":${Date.now()},"msg":"request",${JSON.stringify(hubLog).slice(1)}\n`);
  }
}

/** True when somebody has yet to learn that the client left: a running request, or a reader of the body. */
function isStillHandled({ hubLog, raw }: FastifyRequest): boolean {
  return hubLog.isRunning || (!raw.complete && hubLog.code === undefined);
}
