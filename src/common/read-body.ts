import type { IncomingMessage } from 'node:http';
import { HubError } from './hub-error.js';
import { OneATurn } from './one-a-turn.js';

/** Larger bodies are looked into one at a time: to parse one of 5 MB takes tens of milliseconds. */
const SMALL_BYTES_MAX = 256 * 1024;
const largeBodies = new OneATurn();

/** 413 with the limit in its text; the connection closes because the rest of the body stays unread. */
export function bodyTooLarge(bytesMax: number): HubError {
  return new HubError({
    status: 413,
    code: 'request_too_large',
    message: `The request body is larger than ${bytesMax} bytes.`,
    shouldRetry: false,
    headers: { connection: 'close' },
  });
}

/** The caller broke off while sending; nobody reads the answer, the log shows it. */
export function clientClosedRequest(): HubError {
  return new HubError({ status: 499, code: 'client_closed_request', message: 'The client closed the request.' });
}

/**
 * Refuses a body that cannot be read: too large by its own declaration, or compressed.
 * @throws HubError 413 or 415.
 */
export function checkBodyHeaders(request: IncomingMessage, bytesMax: number): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new HubError({
      status: 415,
      code: 'unsupported_content_encoding',
      message: 'Compressed request bodies are not supported; send the body without content-encoding.',
      shouldRetry: false,
      headers: { connection: 'close' },
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw bodyTooLarge(bytesMax);
}

/**
 * Reads a request body into memory.
 * @param bytesMax above this the reading stops and HubError 413 is thrown.
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  checkBodyHeaders(request, bytesMax);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      isOver = true;
      request.removeAllListeners('data');
      request.pause();
      reject(bodyTooLarge(bytesMax));
    });
    let isOver = false;
    request.on('end', () => {
      isOver = true;
      const only = chunks[0];
      if (chunks.length === 1 && only !== undefined) resolve(only);
      else if (size <= SMALL_BYTES_MAX) resolve(Buffer.concat(chunks, size));
      else resolve(largeBodies.wait().then(() => Buffer.concat(chunks, size)));
    });
    const onBreak = (): void => {
      // Every request closes some time; only one that closes too early needs an error.
      if (!isOver) reject(clientClosedRequest());
      isOver = true;
    };
    request.on('error', onBreak);
    request.on('close', onBreak);
    if (request.destroyed) onBreak();
  });
}
