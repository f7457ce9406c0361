import {
  type CommandContext,
  CommandError,
  type CommandInput,
  type CommandResult,
  type DatabaseCommand,
  UsageError,
} from './command.js';
import { adminResetPassword } from './commands/admin-reset-password.js';
import { keyCreate } from './commands/key-create.js';
import { keyList } from './commands/key-list.js';
import { keyRevoke } from './commands/key-revoke.js';
import { priceList } from './commands/price-list.js';
import { priceSet } from './commands/price-set.js';
import { credentialKeyRotate, masterKeyRotate } from './commands/rotate-keys.js';

/** Every command that works on the database, in the order of the help. */
export const DATABASE_COMMANDS: readonly DatabaseCommand[] = [
  keyCreate,
  keyRevoke,
  keyList,
  priceSet,
  priceList,
  adminResetPassword,
  masterKeyRotate,
  credentialKeyRotate,
];

/** Runs a command; refusals become their message and exit code. Other errors are thrown. */
export async function runDatabaseCommand(
  command: DatabaseCommand,
  context: CommandContext,
  input: CommandInput,
): Promise<CommandResult> {
  try {
    return await command.run(context, input);
  } catch (error) {
    if (error instanceof UsageError) {
      return { exitCode: 2, stderr: `${error.message}\nusage: npm run hub -- ${command.name} ${command.usage}\n` };
    }
    if (error instanceof CommandError) return { exitCode: 1, stderr: `${error.message}\n` };
    throw error;
  }
}
