import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** New connections that come without end must not hold up a stop. */
const ACCEPT_MS_MAX = 500;

/**
 * Lets a server take the connections that the kernel has made for it and that it has not come to yet: closing it would reset
 * them, with requests that their clients have sent already.
 */
export async function acceptWaiting(server: Server): Promise<void> {
  let isAnyWaiting = true;
  const onConnection = (): void => {
    isAnyWaiting = true;
  };
  server.on('connection', onConnection);
  for (const endsAt = performance.now() + ACCEPT_MS_MAX; isAnyWaiting && performance.now() < endsAt; ) {
    isAnyWaiting = false;
    // A turn of the event loop takes one connection; the first of these may end before this turn has looked for any.
    await nextTurn();
    await nextTurn();
  }
  server.off('connection', onConnection);
}
