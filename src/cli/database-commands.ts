import { HubError } from '../common/hub-error.js';
import {
  type CommandContext,
  CommandError,
  type CommandInput,
  type CommandResult,
  type DatabaseCommand,
  UsageError,
} from './command.js';
import { accountCreate } from './commands/account-create.js';
import { accountList } from './commands/account-list.js';
import { accountUnfreeze } from './commands/account-unfreeze.js';
import { adminResetPassword } from './commands/admin-reset-password.js';
import { booksAudit } from './commands/books-audit.js';
import { codeCreate } from './commands/code-create.js';
import { codeDisable } from './commands/code-disable.js';
import { codeList } from './commands/code-list.js';
import { keyBudget } from './commands/key-budget.js';
import { keyCreate } from './commands/key-create.js';
import { keyList } from './commands/key-list.js';
import { keyRevoke } from './commands/key-revoke.js';
import { priceList } from './commands/price-list.js';
import { priceSet } from './commands/price-set.js';
import { quotaAdjust, quotaGrant } from './commands/quota.js';
import { credentialKeyRotate, masterKeyRotate } from './commands/rotate-keys.js';
import { usageRebuild } from './commands/usage-rebuild.js';

/** Every command that works on the database, in the order of the help. */
export const DATABASE_COMMANDS: readonly DatabaseCommand[] = [
  keyCreate,
  keyRevoke,
  keyList,
  priceSet,
  priceList,
  keyBudget,
  accountCreate,
  accountList,
  quotaGrant,
  quotaAdjust,
  codeCreate,
  codeDisable,
  codeList,
  adminResetPassword,
  booksAudit,
  accountUnfreeze,
  masterKeyRotate,
  credentialKeyRotate,
  usageRebuild,
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
    // Rules that the API keeps as well speak to whoever asked.
    if (error instanceof HubError && error.status < 500) return { exitCode: 1, stderr: `${error.message}\n` };
    throw error;
  }
}
