import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { cannotListen } from './check-port.js';
import type { Settings } from './config/settings.js';

/**
 * True when every worker listens by itself, and the kernel spreads connections over them (SO_REUSEPORT). What waits for a worker
 * that dies is reset then, so that clients try again; handed over by another process, it could get lost without an answer.
 *
 * Linux only: elsewhere the option spreads nothing, or is not there. With port 0 each worker would get a port of its own.
 */
export function canSharePort({ workers, server }: Pick<Settings, 'workers' | 'server'>): boolean {
  return workers > 1 && server.port !== 0 && process.platform === 'linux';
}

/**
 * Keeps other hubs from sharing the port of this one's workers, which the kernel allows to all processes of one user. Held by a name of
 * the network namespace, as a port is one, which leaves no file behind and goes with this process.
 *
 * @returns what gives it back before: a hub that stops serves its last answers after its workers have left the port.
 * @throws Error that names the port, when another hub's workers have it.
 */
export async function lockPort({ host, port }: Pick<Settings['server'], 'host' | 'port'>): Promise<() => void> {
  const { address } = await lookup(host);
  const server = createServer((socket) => socket.destroy());
  server.unref();
  server.listen(`\0ug-ai-hub:${address}:${port}`);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen({ host, port }, error);
  }
  return () => {
    server.close();
  };
}
