import type { FastifyReply } from 'fastify';
import type { CancelSignal } from '../common/cancellation.js';
import { toHubError } from '../common/to-hub-error.js';
import { cutStalledAnswer } from './cut-stalled-answer.js';
import { drained } from './write-stream.js';

/** Sound, passed on as it comes. Its connection is cut when it breaks off, since nothing in it could say so. */
export interface SoundAnswer {
  readonly kind: 'sound';
  readonly headers: Readonly<Record<string, string>>;
  readonly contentType: string;
  readonly chunks: AsyncIterator<Uint8Array, void>;
  /** Aborts when the request must end: the writer then stops waiting for a client that does not read. */
  readonly signal: CancelSignal;
}

/**
 * Writes sound to the client, no faster than the client reads. When it breaks off the connection is cut, so that the client sees that
 * the answer is not complete.
 */
export async function writeSound(reply: FastifyReply, answer: SoundAnswer): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    ...answer.headers,
    'content-type': answer.contentType,
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  const { chunks, signal } = answer;
  try {
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      if (!response.write(next.value) && !(await drained(response, signal))) break;
    }
    if (response.destroyed) await chunks.return?.();
    else {
      response.end();
      cutStalledAnswer(response);
    }
  } catch (thrown) {
    const error = toHubError(thrown);
    reply.request.hubLog.code = error.code;
    reply.request.hubLog.detail = error.detail;
    response.destroy();
  }
}
