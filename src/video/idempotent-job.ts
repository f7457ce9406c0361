import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import type { IdempotencyClaim } from '../idempotency/idempotency.service.js';
import { readIdempotencyKey } from '../idempotency/idempotency-key.js';

/**
 * What the Idempotency-Key of a request claims; undefined without one.
 * @param hash of what was asked, worked out only when there is a key.
 * @throws HubError 400 for a key that is none.
 */
export async function claimOf(
  request: FastifyRequest,
  hash: (route: string) => Buffer | Promise<Buffer>,
): Promise<IdempotencyClaim | undefined> {
  const key = readIdempotencyKey(request.raw);
  if (key === undefined) return undefined;
  const route = `${request.method} ${request.routeOptions.url}`;
  return { accountId: callerOf(request).accountId, route, key, hash: await hash(route) };
}
