import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, StreamEvent } from './reply.js';

/** Writes a reply. Resolves when everything is written or the client has gone. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  headers: OutgoingHttpHeaders,
  tokenDelayMs: number,
): Promise<void> {
  if (reply.type === 'stream') return sendStream(response, reply.events, headers, tokenDelayMs);
  const bytes = reply.type === 'json' ? Buffer.from(JSON.stringify(reply.body)) : reply.bytes;
  const contentType = reply.type === 'json' ? 'application/json' : reply.contentType;
  response.writeHead(200, { ...headers, 'content-type': contentType, 'content-length': bytes.length }).end(bytes);
}

async function sendStream(
  response: ServerResponse,
  events: Iterable<StreamEvent>,
  headers: OutgoingHttpHeaders,
  tokenDelayMs: number,
): Promise<void> {
  const gone = goneSignal(response);
  response.writeHead(200, { ...headers, ...STREAM_HEADERS });
  for (const event of events) {
    if (tokenDelayMs > 0 && event.kind === 'token') await pause(tokenDelayMs, gone);
    if (gone.aborted) return;
    await write(response, toSse(event), gone);
  }
  response.end();
}

/** Headers of every event stream. */
export const STREAM_HEADERS: OutgoingHttpHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
};

/** An event as it stands on the wire. */
export function toSse(event: StreamEvent): string {
  const name = event.name === undefined ? '' : `event: ${event.name}\n`;
  return `${name}data: ${event.data}\n\n`;
}

/** Aborts when the response is closed, by its end or by the client. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  response.once('close', () => controller.abort());
  return controller.signal;
}

/** Waits, but not beyond the abort. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}

/** Writes and waits for a slow reader, but not beyond the abort. */
export async function write(response: ServerResponse, bytes: string | Uint8Array, signal: AbortSignal): Promise<void> {
  if (signal.aborted || response.write(bytes)) return;
  try {
    await once(response, 'drain', { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}
