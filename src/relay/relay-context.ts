import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import type { Capture } from '../capture/capture.js';
import type { ErrorShape } from '../common/present-error.js';
import type { RequestLog } from '../common/request-log.js';
import { errorShapeOf } from '../http/path-of.js';
import { readIdempotencyKey } from '../idempotency/idempotency-key.js';
import type { RequestWording } from './formats/chat-format.js';

/** What the answer's headers say of the way that a request has taken. */
export interface RouteFacts {
  readonly attemptCount: number;
  /** Public name; undefined when no model has been asked. */
  readonly servingModel: string | undefined;
  readonly addedMs: number;
}

/** What the relay knows of a request besides its body. */
export interface RelayContext {
  /** `req_…`; its digits are also the id of the request's hold. */
  readonly requestId: string;
  readonly caller: Caller;
  /** Filled while the request lives. */
  readonly log: RequestLog;
  /** Method and path, as an Idempotency-Key counts them. */
  readonly route: string;
  readonly idempotencyKey: string | undefined;
  /** How errors look on this route. */
  readonly errorShape: ErrorShape;
  /** What the client calls its conversation, from `x-session-id`: such requests stay with one channel where they can. */
  readonly sessionId: string | undefined;
  /** When the whole request was there, by `performance.now()`. */
  receivedAt: number;
  /** Set once the request has been read, where its words are not the canonical ones. */
  wording?: RequestWording;
  /** Set once the request has been let in. */
  run?: RouteFacts;
  /** Takes down what is asked, of a key whose capture is switched on. */
  capture?: Capture;
  /** Sets headers of the answer, whatever it will be. */
  setHeaders(headers: Readonly<Record<string, string>>): void;
  /** Calls back once when the client leaves before the answer is complete, at once when it has left already. */
  onClientGone(callback: () => void): void;
}

/**
 * Takes the context from an authenticated HTTP request.
 * @throws HubError 400 for an Idempotency-Key that is none.
 */
export function toRelayContext(request: FastifyRequest, reply: FastifyReply): RelayContext {
  if (request.caller === undefined) throw new Error('The relay was reached without an authenticated caller.');
  return {
    requestId: request.id,
    caller: request.caller,
    log: request.hubLog,
    route: `${request.method} ${request.routeOptions.url}`,
    idempotencyKey: request.method === 'POST' ? readIdempotencyKey(request.raw) : undefined,
    errorShape: errorShapeOf(request),
    sessionId: oneOf(request.headers['x-session-id']),
    receivedAt: performance.now(),
    setHeaders: (headers) => {
      for (const name in headers) reply.header(name, headers[name]);
    },
    onClientGone: (callback) => {
      const { raw } = reply;
      // It may have left during the look-up of its key or the end of its upload; 'close' is not emitted again.
      if (raw.destroyed || raw.closed) callback();
      else {
        raw.once('close', () => {
          if (!raw.writableFinished) callback();
        });
      }
    },
  };
}

function oneOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
