import type { FastifyRequest } from 'fastify';
import type { Caller } from './caller.js';

/** Who makes a request that the guard has let through. @throws Error when the handler requires no API key. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('The handler was reached without an authenticated caller.');
  return request.caller;
}
