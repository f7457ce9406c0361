import type { FastifyRequest } from 'fastify';
import type { ErrorShape } from '../common/present-error.js';

// The absolute form that proxies use (RFC 9112, section 3.2.2); the router looks at its path only.
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i;

const RELAY = '/api/relay/';
const ANTHROPIC = `${RELAY}anthropic`;
const ANTHROPIC_ROOT = `${ANTHROPIC}/`;
/** What may follow a part of a path. */
const ENDS: ReadonlySet<string | undefined> = new Set(['/', undefined]);

/** The path of a request without its query, also when the address is in absolute form. */
export function pathOf({ url }: FastifyRequest): string {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  return path.startsWith('/') ? path : path.replace(ORIGIN, '');
}

/** True for the routes that official clients of vendors are pointed at. */
export function isRelayRequest(request: FastifyRequest): boolean {
  return pathOf(request).startsWith(RELAY);
}

/** True for the address that Anthropic's command-line tools are given: they ask for its head to see whether anybody is there. */
export function isAnthropicRoot(request: FastifyRequest): boolean {
  return pathOf(request) === ANTHROPIC;
}

/**
 * The address that the router is given: that of Anthropic's root has no slash at its end, whoever wrote one, so that both are one route.
 * @param url path and query, as they came.
 */
export function toRoutedUrl(url: string): string {
  if (!url.startsWith(ANTHROPIC_ROOT)) return url;
  const rest = url.slice(ANTHROPIC_ROOT.length);
  return rest === '' || rest.startsWith('?') ? ANTHROPIC + rest : url;
}

/** How errors look on the route of a request. */
export function errorShapeOf(request: FastifyRequest): ErrorShape {
  const path = pathOf(request);
  if (!path.startsWith(RELAY)) return 'hub';
  return path.startsWith(ANTHROPIC) && ENDS.has(path[ANTHROPIC.length]) ? 'anthropic' : 'openai';
}
