import type { FastifyRequest } from 'fastify';
import { HubError } from '../../common/hub-error.js';

/** A header that no form and no link of another site can send: a browser asks us first whether it may, and we say no. */
export const CSRF_HEADER = 'x-hub-csrf';

/**
 * Refuses what another site may have made a signed-in browser send. Only for requests with the session cookie: a token in a
 * header is sent by nobody unasked.
 *
 * @param publicUrl where the hub is reached.
 * @throws HubError 403 `cross_site_request`.
 */
export function refuseCrossSite(request: FastifyRequest, publicUrl: string): void {
  const { origin, [CSRF_HEADER]: csrf, 'sec-fetch-site': site } = request.headers;
  const isOurs = origin === undefined || origin === new URL(publicUrl).origin || origin === ownOrigin(request);
  const isFromHere = site === undefined || site === 'same-origin';
  if (csrf === '1' && isOurs && isFromHere) return;
  throw new HubError({
    status: 403,
    code: 'cross_site_request',
    message: `A request with the session cookie needs the header "${CSRF_HEADER}: 1" and must come from the hub's own pages.`,
    shouldRetry: false,
  });
}

/** Where this request itself was sent to: an operator may open the hub by another name than callers do. */
function ownOrigin(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}`;
}
