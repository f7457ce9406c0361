import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../auth/caller.js';
import type { RequestLog } from '../common/request-log.js';

/** What the relay knows of a request besides its body. */
export interface RelayContext {
  /** `req_…`; its digits are also the id of the request's hold. */
  readonly requestId: string;
  readonly caller: Caller;
  /** Filled while the request lives. */
  readonly log: RequestLog;
  /** Calls back once when the client leaves before the answer is complete, at once when it has left already. */
  onClientGone(callback: () => void): void;
}

/** Takes the context from an authenticated HTTP request. */
export function toRelayContext(request: FastifyRequest, reply: FastifyReply): RelayContext {
  if (request.caller === undefined) throw new Error('The relay was reached without an authenticated caller.');
  return {
    requestId: request.id,
    caller: request.caller,
    log: request.hubLog,
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
