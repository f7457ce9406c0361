import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HubError } from '../common/hub-error.js';
import { type ErrorAnswer, presentError } from '../common/present-error.js';
import { toHubError } from '../common/to-hub-error.js';
import { closeAfterAnswer } from './close-after-answer.js';
import { errorShapeOf } from './path-of.js';
import type { RouteList } from './route-list.js';

const SMALL_BODY_BYTES = 16 * 1024;

/** The one place where errors become answers: each vendor's envelope on its relay routes, the document's shape elsewhere. */
@Catch()
export class HubExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('Errors');

  constructor(private readonly routes: RouteList) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    // Errors of the admin API's fields are shown by GraphQL, one by one.
    if (host.getType<string>() === 'graphql') throw thrown;
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const error = this.routes.explain(toHubError(thrown), request);
    note(request, error);
    if (error.status === 500) this.logger.error(`${request.id} ${error.detail ?? ''}`, stackOf(error));
    request.hubLog?.writeWaiting();
    const answer = presentError(error, errorShapeOf(request), request.id);
    // A small body most likely stands in the bytes that are being parsed right now; then the connection can be kept.
    if (request.raw.complete || bodyLength(request) > SMALL_BODY_BYTES) send(request, reply, answer);
    else setImmediate(send, request, reply, answer);
  }
}

function bodyLength(request: FastifyRequest): number {
  return Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
}

function send(request: FastifyRequest, reply: FastifyReply, answer: ErrorAnswer): void {
  if (reply.sent || reply.raw.destroyed) return;
  if (!request.raw.complete) closeAfterAnswer(request, reply);
  reply.status(answer.status).headers(answer.headers).send(answer.body);
}

function note(request: FastifyRequest, error: HubError): void {
  // Requests that failed before the hooks ran have no log of their own; others have been answered on the socket already.
  if (request.hubLog === undefined || request.hubLog.status !== 0) return;
  request.hubLog.code = error.code;
  if (error.detail !== undefined) request.hubLog.detail = error.detail;
}

function stackOf(error: HubError): string | undefined {
  return error.cause instanceof Error ? error.cause.stack : error.stack;
}
