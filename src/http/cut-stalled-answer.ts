import type { ServerResponse } from 'node:http';

const STALL_MS = 60_000;

/**
 * Cuts the connection of an answer that has been ended but that the client does not take. Most answers are with the
 * kernel by now and cost no more than this look. For the others the socket's own timeout keeps watch: it begins again
 * with every byte that leaves, even inside one large write, so that a slow reader is served to the end.
 * @param stallMs how long a client may take nothing.
 */
export function cutStalledAnswer(response: ServerResponse, stallMs = STALL_MS): void {
  const { socket } = response;
  // Without a socket the answer waits behind the one of an earlier request; its time begins when it gets the socket.
  if (response.destroyed || socket?.writableLength === 0) return;
  watch(response, stallMs);
}

/**
 * The same for an answer of which more is to come, from a source that is never silent for so long.
 * @param stallMs how long a client may take nothing.
 */
export function cutStalledStream(response: ServerResponse, stallMs = STALL_MS): void {
  if (!response.destroyed) watch(response, stallMs);
}

function watch(response: ServerResponse, stallMs: number): void {
  response.setTimeout(stallMs, () => response.destroy());
  // Before Node's own listener, which sets the time that an idle connection is kept.
  response.prependOnceListener('finish', () => response.socket?.setTimeout(0));
}
