import type { FastifyReply, FastifyRequest } from 'fastify';

const LINGER_MS = 1000;

/**
 * Answers a request whose body has not been read to its end, and never will be. Node would read the rest to throw it
 * away, or close at once, which resets the connection before the client has seen the answer. So: send, say that the
 * connection ends, stop reading, and give the client a second to take the answer.
 */
export function closeAfterAnswer(request: FastifyRequest, reply: FastifyReply): void {
  const { socket } = request.raw;
  reply.header('connection', 'close');
  request.raw.pause();
  // What Node calls to throw the rest of the body away.
  request.raw.resume = () => request.raw;
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS);
  };
}
