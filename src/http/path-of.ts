import type { FastifyRequest } from 'fastify';

// The absolute form that proxies use (RFC 9112, section 3.2.2); the router looks at its path only.
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;

/** The path of a request without its query, also when the address is in absolute form. */
export function pathOf({ url }: FastifyRequest): string {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  return path.startsWith('/') ? path : path.replace(ORIGIN, '');
}

/** True when the answer to this request has the shape of OpenAI's API. */
export function isRelayRequest(request: FastifyRequest): boolean {
  return pathOf(request).startsWith('/api/relay/');
}
