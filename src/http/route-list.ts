import type { FastifyRequest, RouteOptions } from 'fastify';
import { HubError } from '../common/hub-error.js';
import { errorShapeOf, isRelayRequest, pathOf } from './path-of.js';

interface Route {
  readonly method: string;
  readonly url: string;
  readonly pattern: RegExp;
}

/** Where the routes of each vendor's clients lie. */
const PREFIXES = { openai: '/api/relay/v1/', anthropic: '/api/relay/anthropic/v1/' };

/** Who may not read it is not to learn that it is there: not from the methods that it would allow either. */
const HIDDEN = new Set(['/metrics']);
/** Only browsers find something there. For all others it is a base URL that lacks its path. */
const ROOT = '/';

/** The routes the application serves, to explain what it does not serve. */
export class RouteList {
  private readonly routes: Route[] = [];

  /** Fastify's onRoute hook. */
  readonly add = (options: RouteOptions): void => {
    if (HIDDEN.has(options.url) || options.url === ROOT) return;
    for (const method of [options.method].flat()) {
      if (method === 'HEAD' || method === 'OPTIONS') continue;
      this.routes.push({ method, url: options.url, pattern: toPattern(options.url) });
    }
  };

  /** Makes a bare 404 say what would have been right: another method, or another route. Other errors stay as they are. */
  explain(error: HubError, request: FastifyRequest): HubError {
    const { url } = request.routeOptions;
    if (error.status !== 404 || error.code !== 'not_found' || (url !== undefined && url !== ROOT)) return error;
    const refusal = this.methodNotAllowed(request);
    if (refusal !== undefined) return refusal;
    if (!isRelayRequest(request)) return MISSED.test(pathOf(request)) ? missed() : error;
    const prefix = PREFIXES[errorShapeOf(request) === 'anthropic' ? 'anthropic' : 'openai'];
    return new HubError({
      status: 404,
      code: 'unknown_url',
      message: `The hub does not serve this route. It serves: ${this.routesBelow(prefix).join(', ')}.`,
      shouldRetry: false,
    });
  }

  /** 405 with the methods that are served at the address of a request, or undefined when there are none. */
  methodNotAllowed(request: FastifyRequest): HubError | undefined {
    const path = pathOf(request);
    const methods = new Set(this.routes.filter((route) => route.pattern.test(path)).map((route) => route.method));
    if (methods.size === 0) return undefined;
    const allow = [...methods].sort().join(', ');
    return new HubError({
      status: 405,
      code: 'method_not_allowed',
      message: `${request.method} is not allowed here; use ${allow}.`,
      shouldRetry: false,
      headers: { allow },
    });
  }

  private routesBelow(prefix: string): string[] {
    return this.routes
      .filter((route) => route.url.startsWith(prefix))
      .map((route) => `${route.method} ${route.url.replace(/\*$/, '{id}').replace(/:([\w-]+)/g, '{$1}')}`)
      .sort();
  }
}

/** Where clients look whose base URL is the hub's address alone, or that of a vendor with another host. */
const MISSED = /^\/+$|^\/+(?:api\/+)?(?:relay\/+)?(?:v1\/|chat\/completions$|responses$|messages$)/;

function missed(): HubError {
  return new HubError({
    status: 404,
    code: 'not_found',
    message:
      "There is nothing at this address. The base URL for OpenAI's clients ends in /api/relay/v1, that for Anthropic's in /api/relay/anthropic.",
    shouldRetry: false,
  });
}

function toPattern(url: string): RegExp {
  const escaped = url.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.+');
  return new RegExp(`^${escaped.replace(/:[\w-]+/g, '[^/]+')}$`);
}
