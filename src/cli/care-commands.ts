import type { CareCommand } from './command.js';
import { backup } from './commands/backup.js';
import { moveToPostgresCommand } from './commands/move-to-postgres.js';
import { restoreCommand } from './commands/restore.js';

/** Every command that looks after the data as a whole, in the order of the help. */
export const CARE_COMMANDS: readonly CareCommand[] = [backup, restoreCommand, moveToPostgresCommand];
