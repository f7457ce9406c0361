import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Settings } from './config/settings.js';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there. Stop it, or set PORT to another number',
  EADDRNOTAVAIL: 'this machine has no such address. Set HOST to one that it has, such as 127.0.0.1 or 0.0.0.0',
  ENOTFOUND: 'the name is not known. Set HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0',
  EACCES: 'this user may not listen on that port. Set PORT to a number above 1023',
};

/**
 * Finds out whether the hub could listen where it is told to.
 *
 * @throws Error that says what to do, when it could not.
 */
export async function checkPort({ host, port }: Pick<Settings['server'], 'host' | 'port'>): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw cannotListen({ host, port }, error);
  }
  server.close();
  await once(server, 'close');
}

/** What an operator is told when the hub cannot listen there, from the error that says why. */
export function cannotListen({ host, port }: Pick<Settings['server'], 'host' | 'port'>, error: unknown): Error {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new Error(`it cannot listen on port ${port} of ${host}: ${REASONS[code] ?? message}.`);
}
