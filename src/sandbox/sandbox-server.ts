import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer, type ServerOptions as SecureServerOptions } from 'node:https';
import { FaultDesk } from './faults/fault-desk.js';
import { checkKey, commonHeaders, pathOf, queryOf, readBody, sendError } from './http-exchange.js';
import type { Reply } from './reply.js';
import { route } from './route.js';
import type { AnswerScript } from './sandbox-request.js';
import { sendReply } from './send-reply.js';
import { VideoMemory } from './video/video-memory.js';

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
  /** How long a video takes, in milliseconds; default 4,000. */
  readonly videoWorkMs?: number;
  /** Largest request body, in bytes; default 64 MiB. */
  readonly bodyBytesMax?: number;
  /** Accept model names that the sandbox does not list; default false. */
  readonly acceptsAnyModel?: boolean;
  /** Obey fault commands and record requests: for tests and benchmarks, never for the product; default false. */
  readonly faults?: boolean;
  /** Serve TLS with this key and certificate; default plain HTTP. */
  readonly tls?: SecureServerOptions;
}

/** A running sandbox. */
export interface SandboxServer {
  readonly port: number;
  /** Base URL with `/v1`, as clients and channels want it. */
  readonly url: string;
  /** Scripts and records; undefined unless started with `faults`. */
  readonly faults: FaultDesk | undefined;
  /** Stops listening and drops all connections. */
  close(): Promise<void>;
}

const TOKEN_DELAY_MS = 15;
const VIDEO_WORK_MS = 4_000;
const BODY_BYTES_MAX = 64 * 1024 * 1024;
// Longer than the idle time of common client pools, so that the client closes first and no request dies on the way.
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

/** Starts an upstream that speaks OpenAI's wire format and invents its answers. */
export async function startSandbox(options: SandboxOptions = {}): Promise<SandboxServer> {
  const host = options.host ?? '127.0.0.1';
  const faults = options.faults === true ? new FaultDesk() : undefined;
  const videos = new VideoMemory(options.videoWorkMs ?? VIDEO_WORK_MS);
  let origin = '';
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void serve({ request, response, origin, options, faults, videos });
  };
  const server = options.tls === undefined ? createServer(listener) : createSecureServer(options.tls, listener);
  // The sandbox lives in the hub's process: a failed accept must not end it.
  server.on('error', () => undefined);
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  const port = await listen(server, host, options.port ?? 0);
  origin = `${options.tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { port, url: `${origin}/v1`, faults, close: () => close(server) };
}

/** One request and the server it came to. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly origin: string;
  readonly options: SandboxOptions;
  readonly faults: FaultDesk | undefined;
  readonly videos: VideoMemory;
}

async function serve(call: Call): Promise<void> {
  const { request, response, options } = call;
  const startedAt = performance.now();
  // A client that leaves at the wrong moment shows here; the response's `close` tells those who wait.
  response.on('error', () => response.destroy());
  const tokenDelayMs = options.tokenDelayMs ?? TOKEN_DELAY_MS;
  const read = (): Promise<Buffer> => readBody(request, options.bodyBytesMax ?? BODY_BYTES_MAX);
  const toHeaders = (): OutgoingHttpHeaders => commonHeaders(startedAt);
  try {
    // Pictures are fetched by browsers, which have no key to send.
    if (options.apiKey !== undefined && !pathOf(request).startsWith('/images/')) checkKey(request, options.apiKey);
    if (call.faults !== undefined) {
      const toReply = (body: Buffer, script: AnswerScript): Reply => answer(call, body, script);
      await call.faults.serve(request, response, { readBody: read, toReply, toHeaders, tokenDelayMs });
      return;
    }
    await sendReply(response, answer(call, await read(), {}), toHeaders(), tokenDelayMs);
  } catch (error) {
    sendError(response, error, toHeaders());
  }
}

function answer({ request, origin, options, videos }: Call, body: Buffer, script: AnswerScript): Reply {
  return route({
    method: request.method ?? 'GET',
    path: pathOf(request),
    query: queryOf(request),
    headers: request.headers,
    body,
    origin,
    acceptsAnyModel: options.acceptsAnyModel ?? false,
    videos,
    script,
  });
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
