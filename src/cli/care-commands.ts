import type { CommandResult } from './command.js';
import { backup } from './commands/backup.js';
import { moveToPostgresCommand } from './commands/move-to-postgres.js';
import { restoreCommand } from './commands/restore.js';

/** A command that looks after the data as a whole: it runs in the process it was typed into, on files or two databases. */
export interface CareCommand {
  readonly name: string;
  readonly usage: string;
  readonly summary: string;
  runLocally(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<CommandResult>;
}

/** Every command of that kind, in the order of the help. */
export const CARE_COMMANDS: readonly CareCommand[] = [backup, restoreCommand, moveToPostgresCommand];
