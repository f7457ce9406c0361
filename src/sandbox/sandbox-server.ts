import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions as SecureServerOptions } from 'node:https';
import { checkKey, commonHeaders, pathOf, readBody, sendError } from './http-exchange.js';
import { route } from './router.js';
import { sendReply } from './send-reply.js';

/** How a sandbox is started. */
export interface SandboxOptions {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Port to listen on; default 0, any free one. */
  readonly port?: number;
  /** When set, every other bearer token is refused with 401. */
  readonly apiKey?: string;
  /** Pause between two tokens of a stream, in milliseconds; default 15, which reads like a model typing. */
  readonly tokenDelayMs?: number;
  /** Largest request body, in bytes; default 64 MiB. */
  readonly bodyBytesMax?: number;
  /** Accept model names that the sandbox does not list; default false. */
  readonly acceptsAnyModel?: boolean;
  /** Serve TLS with this key and certificate; default plain HTTP. */
  readonly tls?: SecureServerOptions;
}

/** A running sandbox. */
export interface SandboxServer {
  readonly port: number;
  /** Base URL with `/v1`, as clients and channels want it. */
  readonly url: string;
  /** Stops listening and drops all connections. */
  close(): Promise<void>;
}

const TOKEN_DELAY_MS = 15;
const BODY_BYTES_MAX = 64 * 1024 * 1024;
// Longer than the idle time of common client pools, so that the client closes first and no request dies on the way.
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/** Starts an upstream that speaks OpenAI's wire format and invents its answers. */
export async function startSandbox(options: SandboxOptions = {}): Promise<SandboxServer> {
  const host = options.host ?? '127.0.0.1';
  let origin = '';
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(request, response, origin, options);
  };
  const server = options.tls === undefined ? createServer(listener) : createSecureServer(options.tls, listener);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  const port = await listen(server, host, options.port ?? 0);
  origin = `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { port, url: `${origin}/v1`, close: () => close(server) };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
  options: SandboxOptions,
): Promise<void> {
  const startedAt = performance.now();
  try {
    const path = pathOf(request);
    // Pictures are fetched by browsers, which have no key to send.
    if (options.apiKey !== undefined && !path.startsWith('/images/')) checkKey(request, options.apiKey);
    const body = await readBody(request, options.bodyBytesMax ?? BODY_BYTES_MAX);
    const reply = route({
      method: request.method ?? 'GET',
      path,
      headers: request.headers,
      body,
      origin,
      acceptsAnyModel: options.acceptsAnyModel ?? false,
      script: {},
    });
    await sendReply(response, reply, commonHeaders(startedAt), options.tokenDelayMs ?? TOKEN_DELAY_MS);
  } catch (error) {
    sendError(response, error, commonHeaders(startedAt));
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
