import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { newRequestId } from './common/ids.js';
import { presentError } from './common/present-error.js';
import { RequestLog } from './common/request-log.js';
import { toHubError } from './common/to-hub-error.js';
import type { Settings } from './config/settings.js';
import { answerClientError, missingHost, refuseUpgrade } from './http/client-error.js';
import { noteReply } from './http/current-reply.js';
import { HubExceptionFilter } from './http/exception.filter.js';
import { allowHalfClose } from './http/half-close.js';
import { errorShapeOf, isAnthropicRoot, isRelayRequest, toRoutedUrl } from './http/path-of.js';
import { RequestLogger } from './http/request-logger.js';
import { RouteList } from './http/route-list.js';
import { Lifecycle } from './lifecycle/lifecycle.js';
import { Observers } from './observers/observers.js';

const HEADER_BYTES_MAX = 32 * 1024;
const CONNECTIONS_CHECK_MS = 1000;
// Those whose bodies Fastify would read, which for the others than POST would happen before anybody is authenticated.
const METHODS_WITH_BODY = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'];
// What the official SDKs send; a browser asks for each by name.
const CORS_REQUEST_HEADERS = [
  'authorization',
  'x-api-key',
  'anthropic-version',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
  'content-type',
  'idempotency-key',
  'openai-organization',
  'openai-project',
  ...['arch', 'async', 'custom-poll-interval', 'helper-method', 'lang', 'os', 'package-version', 'poll-helper']
    .concat(['raw-response', 'read-timeout', 'retry-count', 'runtime', 'runtime-version', 'timeout'])
    .map((name) => `x-stainless-${name}`),
];
const CORS_RESPONSE_HEADERS = [
  'x-request-id',
  'request-id',
  'retry-after',
  'x-should-retry',
  'x-hub-sandbox',
  'x-hub-unsupported-params',
  'x-hub-attempts',
  'x-hub-model',
  'x-hub-added-ms',
  'idempotent-replayed',
  'accept-ranges',
  'content-range',
  ...['limit', 'remaining', 'reset'].flatMap((kind) => [`x-ratelimit-${kind}-requests`, `x-ratelimit-${kind}-tokens`]),
];

/** The HTTP server as the hub wants it: own request ids, strict time limits for slow clients, no default request log. */
export function createAdapter(settings: Settings): FastifyAdapter {
  const { server } = settings;
  return new FastifyAdapter({
    genReqId: newRequestId,
    trustProxy: toTrustProxy(server.trustProxy),
    // Bodies are read by the handlers, after authentication and with their own limits.
    bodyLimit: server.bodyBytesMax,
    keepAliveTimeout: server.keepAliveTimeoutMs,
    requestTimeout: server.requestTimeoutMs,
    routerOptions: { maxParamLength: 1024 },
    rewriteUrl: ({ url = '/' }) => toRoutedUrl(url),
    http: {
      headersTimeout: server.headersTimeoutMs,
      connectionsCheckingInterval: CONNECTIONS_CHECK_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      noDelay: true,
      // Checked below, since Node's own refusal has neither body nor request id.
      requireHostHeader: false,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      const answer = presentError(toHubError(error), errorShapeOf(request), request.id);
      reply.header('x-request-id', request.id).status(answer.status).headers(answer.headers).send(answer.body);
    },
  });
}

function toTrustProxy(
  setting: Settings['server']['trustProxy'],
): false | string[] | ((address: string, hop: number) => boolean) {
  if (setting === false) return false;
  return typeof setting === 'number' ? (_address, hop) => hop < setting : [...setting];
}

/** Hooks, parsers and filters, shared by the process and the tests. Called before `app.init()`. */
export function setUpApp(app: NestFastifyApplication, settings: Settings, logger: Logger): void {
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const server = fastify.server as Server;
  const routes = new RouteList();
  const lifecycle = app.get(Lifecycle);
  const lines = new RequestLogger(logger, app.get(Observers));
  allowHalfClose(server);
  server.on('upgrade', (_request, socket) => refuseUpgrade(socket as Socket));

  fastify.decorateRequest('caller', undefined);
  fastify.decorateRequest('hubLog');
  fastify.addHook('onRoute', routes.add);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.hubLog = new RequestLog();
    noteReply(request.raw.socket, reply);
    lines.logAtEnd(request, reply);
    reply.header('x-request-id', request.id);
    if (lifecycle.isDraining) reply.header('connection', 'close');
    if (request.headers.host === undefined && request.raw.httpVersion === '1.1') done(missingHost());
    // Fastify answers HEAD by running the GET, which on a relay route may cost the caller an upstream request.
    else if (request.method === 'HEAD' && isRelayRequest(request) && !isAnthropicRoot(request))
      done(routes.methodNotAllowed(request));
    else done();
  });
  // Handlers read bodies themselves, after authentication; Fastify's body step would only cost.
  for (const method of METHODS_WITH_BODY) fastify.addHttpMethod(method, { hasBody: false, overrideExisting: true });

  app.useGlobalFilters(new HubExceptionFilter(routes));
  if (settings.server.corsOrigins.length > 0) enableCors(app, settings.server.corsOrigins);
}

function enableCors(app: NestFastifyApplication, origins: readonly string[]): void {
  app.enableCors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'POST', 'DELETE'],
    allowedHeaders: CORS_REQUEST_HEADERS,
    exposedHeaders: CORS_RESPONSE_HEADERS,
    maxAge: 86_400,
    // The default hook runs before those above, and its answers would have neither request id nor log line.
    hook: 'preParsing',
  });
}
