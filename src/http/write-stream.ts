import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { CancelSignal } from '../common/cancellation.js';
import type { HubError } from '../common/hub-error.js';
import { toHubError } from '../common/to-hub-error.js';
import { cutStalledAnswer } from './cut-stalled-answer.js';

const PING = ': ping\n\n';
// How long a stream that must end waits for a client that does not read before the connection is cut.
const LAST_WRITE_MS = 2000;

/**
 * A streamed answer. Each value of `events` is one whole SSE event, blank line included. When it throws, the error is
 * shown as an error event and the stream ends without `[DONE]`.
 */
export interface StreamAnswer {
  readonly kind: 'stream';
  readonly headers: Readonly<Record<string, string>>;
  readonly events: AsyncIterator<string, void>;
  /** Aborts when the request must end: the writer then stops waiting for a client that does not read. */
  readonly signal: CancelSignal;
  /** The event that tells of a failure; OpenAI's chat streams use plain `data:` events. */
  readonly toErrorEvent: (error: HubError) => string;
  /** What of an event a capture keeps; default all of it. */
  readonly toCaptured?: (event: string) => string;
  /** A sign of life in times of silence; default a comment. */
  readonly ping?: string;
}

/**
 * Writes a stream to the client: one event a write, signs of life in times of silence, and no faster than the client reads.
 * A failure becomes an error event without `[DONE]`, after which the connection is closed.
 */
export async function writeStream(reply: FastifyReply, answer: StreamAnswer, pingMs: number): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  // Set rather than given to writeHead, so that it can be read back: comments may be written into this kind of answer.
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  response.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    ...answer.headers,
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  // A client that does not read gets no pings: they would only pile up.
  const ping = setInterval(() => {
    if (!response.writableNeedDrain) response.write(answer.ping ?? PING);
  }, pingMs);
  try {
    for (let next = await answer.events.next(); next.done !== true; next = await answer.events.next()) {
      ping.refresh();
      if (!response.write(next.value) && !(await drained(response, answer.signal))) break;
    }
    if (response.destroyed) await answer.events.return?.();
    else {
      response.end();
      cutStalledAnswer(response);
    }
  } catch (thrown) {
    fail(reply, answer, thrown);
  } finally {
    clearInterval(ping);
  }
}

/** Waits for the client to read on, or for the end of the request; false when the client left. */
export function drained(response: ServerResponse, signal: CancelSignal): Promise<boolean> {
  if (response.destroyed || signal.aborted) return Promise.resolve(!response.destroyed);
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      signal.removeEventListener('abort', done);
      resolve(!response.destroyed);
    };
    response.on('drain', done).on('close', done);
    signal.addEventListener('abort', done);
  });
}

function fail(reply: FastifyReply, answer: StreamAnswer, thrown: unknown): void {
  const error = toHubError(thrown);
  reply.request.hubLog.code = error.code;
  reply.request.hubLog.detail = error.detail;
  const response = reply.raw;
  if (response.destroyed) return;
  const cut = setTimeout(() => response.destroy(), LAST_WRITE_MS);
  response.once('close', () => clearTimeout(cut));
  response.end(answer.toErrorEvent(error), () => response.socket?.destroySoon());
}
