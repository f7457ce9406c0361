import { join } from 'node:path';
import { MEMORY_DATA_DIR } from '../config/parse-settings.js';
import type { Settings } from '../config/settings.js';

/**
 * Where a hub on the embedded database takes commands: a socket that only its own user may open.
 *
 * @returns undefined where there is none: on PostgreSQL, which commands open themselves, and for a database in memory,
 * which has no directory.
 */
export function commandSocketPath({ url, dataDir }: Pick<Settings['database'], 'url' | 'dataDir'>): string | undefined {
  return url === undefined && dataDir !== MEMORY_DATA_DIR ? join(dataDir, 'hub.sock') : undefined;
}

/** Requests and answers are one line of JSON each; a longer one is refused. */
export const COMMAND_BYTES_MAX = 1024 * 1024;
