import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const COMMENT = ': ping\n\n';

/**
 * Lets a client close its sending side after the request and still read the answer, without mistaking a client that is
 * gone for one: both look the same until something is sent. So something harmless is sent - an informational answer
 * (RFC 9110, section 15.2), or a comment in a stream that has begun. A machine without a reader answers with a reset,
 * which ends the request within a round trip.
 */
export class HalfClose {
  private readonly answers = new WeakMap<Socket, ServerResponse>();

  /** Watches all connections of a server. */
  watch(server: Server): void {
    // Without it Node ends a connection as soon as the client has finished sending.
    Object.assign(server, { httpAllowHalfOpen: true });
    server.on('connection', (socket: Socket) => {
      socket.once('end', () => this.probe(socket));
    });
  }

  /** Notes which answer a connection waits for. */
  begin(socket: Socket, answer: ServerResponse): void {
    this.answers.set(socket, answer);
  }

  private probe(socket: Socket): void {
    const answer = this.answers.get(socket);
    if (answer === undefined || answer.writableEnded) {
      socket.end();
    } else if (!answer.headersSent) {
      if (answer.req.httpVersion === '1.1') answer.writeProcessing();
    } else if (String(answer.getHeader('content-type') ?? '').startsWith('text/event-stream')) {
      answer.write(COMMENT);
    }
  }
}
