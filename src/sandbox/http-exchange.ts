import { randomBytes } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { SandboxError } from './sandbox-error.js';

/** Reads a whole request body. @throws SandboxError 413 beyond `bytesMax`. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw new SandboxError(413, `The request body is larger than ${bytesMax} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Path of a request without its query. */
export function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** Query of a request. */
export function queryOf(request: IncomingMessage): URLSearchParams {
  return new URLSearchParams(request.url?.slice(pathOf(request).length));
}

/** Refuses a request that lacks a bearer token, or has another one than `apiKey`. */
export function checkKey(request: IncomingMessage, apiKey: string): void {
  const header = request.headers.authorization ?? '';
  if (header === '') throw new SandboxError(401, "You didn't provide an API key. Send it as a bearer token.");
  if (header !== `Bearer ${apiKey}`)
    throw new SandboxError(401, 'Incorrect API key provided.', null, 'invalid_api_key');
}

/** The headers OpenAI puts on every answer, and the one that tells the sandbox from it. */
export function commonHeaders(startedAt: number): OutgoingHttpHeaders {
  return {
    'x-hub-sandbox': 'true',
    'x-request-id': `req_${randomBytes(16).toString('hex')}`,
    'openai-processing-ms': String(Math.max(1, Math.round(performance.now() - startedAt))),
    'openai-version': '2020-10-01',
    'openai-organization': 'ug-ai-hub-sandbox',
    'x-ratelimit-limit-requests': '5000',
    'x-ratelimit-limit-tokens': '800000',
    'x-ratelimit-remaining-requests': '4999',
    'x-ratelimit-remaining-tokens': '799400',
    'x-ratelimit-reset-requests': '12ms',
    'x-ratelimit-reset-tokens': '45ms',
  };
}

/** Answers with an error in OpenAI's envelope, or drops the connection when an answer has begun already. */
export function sendError(response: ServerResponse, error: unknown, headers: OutgoingHttpHeaders): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal =
    error instanceof SandboxError
      ? error
      : new SandboxError(500, 'The sandbox failed to answer this request.', null, null, 'server_error');
  const bytes = Buffer.from(JSON.stringify(refusal.toBody()));
  const contentHeaders = { 'content-type': 'application/json', 'content-length': bytes.length };
  response.writeHead(refusal.status, { ...headers, ...contentHeaders }).end(bytes);
}
