import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { currentReply } from './current-reply.js';

const COMMENT = ': ping\n\n';
// The reset that answers a probe is only seen by the probe after it, so the second comes soon and the others as long as
// a distant client may need. The pause doubles up to the longest.
const PAUSE_MS = 60;
const PAUSE_MS_MAX = 15_000;

/**
 * Lets a client close its sending side after the request and still read the answer, without mistaking a client that is
 * gone for one: both look the same until something is sent. So something harmless is sent - an informational answer
 * (RFC 9110, section 15.2), or a comment in a stream that has begun - and sent again: a machine without a reader answers
 * the first with a reset, on which the next one fails, since nobody reads from a connection that has ended.
 */
export function allowHalfClose(server: Server): void {
  // Without it Node ends a connection as soon as the client has finished sending.
  Object.assign(server, { httpAllowHalfOpen: true });
  server.on('connection', (socket: Socket) => {
    socket.once('end', () => probe(socket, PAUSE_MS));
  });
}

function probe(socket: Socket, pauseMs: number): void {
  const answer = currentReply(socket)?.raw;
  // Node itself ends the connection after the last answer.
  if (socket.destroyed || answer === undefined || !writeNothing(answer)) return;
  setTimeout(probe, pauseMs, socket, Math.min(2 * pauseMs, PAUSE_MS_MAX)).unref();
}

/** Sends what a reader passes over; false when the answer has no room for such a thing. */
function writeNothing(answer: ServerResponse): boolean {
  if (!answer.headersSent) {
    if (answer.req.httpVersion !== '1.1') return false;
    answer.writeProcessing();
    return true;
  }
  if (!String(answer.getHeader('content-type') ?? '').startsWith('text/event-stream')) return false;
  // More would only pile up at a client that does not read.
  if (!answer.writableNeedDrain) answer.write(COMMENT);
  return true;
}
