import { join } from 'node:path';

/** Where a hub on the embedded database takes commands: a socket that only its own user may open. */
export function commandSocketPath(dataDir: string): string {
  return join(dataDir, 'hub.sock');
}

/** Requests and answers are one line of JSON each; a longer one is refused. */
export const COMMAND_BYTES_MAX = 1024 * 1024;
