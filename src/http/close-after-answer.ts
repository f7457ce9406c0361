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
  // Node calls this to read the rest and throw it away; left alone, a paused body stops the reading when its buffer is full.
  Object.assign(request.raw, { _dump: () => undefined });
  socket.destroySoon = () => {
    socket.end();
    setTimeout(() => socket.destroy(), LINGER_MS);
  };
}
