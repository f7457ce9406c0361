import type { CommandContext, CommandInput, CommandResult, DatabaseCommand } from './command.js';
import { accountCreate } from './commands/account-create.js';
import { accountList } from './commands/account-list.js';
import { accountUnfreeze } from './commands/account-unfreeze.js';
import { adminResetPassword } from './commands/admin-reset-password.js';
import { adminResetSecondFactor } from './commands/admin-reset-second-factor.js';
import { auditVerify } from './commands/audit-verify.js';
import { backupSnapshot } from './commands/backup-snapshot.js';
import { booksAudit } from './commands/books-audit.js';
import { codeCreate } from './commands/code-create.js';
import { codeDisable } from './commands/code-disable.js';
import { codeList } from './commands/code-list.js';
import { importNewApi, importOneApi } from './commands/import.js';
import { jobList } from './commands/job-list.js';
import { jobShow } from './commands/job-show.js';
import { keyBudget } from './commands/key-budget.js';
import { keyCreate } from './commands/key-create.js';
import { keyList } from './commands/key-list.js';
import { keyRevoke } from './commands/key-revoke.js';
import { priceList } from './commands/price-list.js';
import { priceSet } from './commands/price-set.js';
import { quotaAdjust, quotaGrant } from './commands/quota.js';
import { retentionRun } from './commands/retention-run.js';
import { credentialKeyRotate, masterKeyRotate } from './commands/rotate-keys.js';
import { usageRebuild } from './commands/usage-rebuild.js';
import { presentRefusals } from './present-refusals.js';

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
  jobList,
  jobShow,
  adminResetPassword,
  adminResetSecondFactor,
  auditVerify,
  booksAudit,
  accountUnfreeze,
  masterKeyRotate,
  credentialKeyRotate,
  usageRebuild,
  retentionRun,
  importNewApi,
  importOneApi,
  backupSnapshot,
];

/** Runs a command; refusals become their message and exit code. Other errors are thrown. */
export async function runDatabaseCommand(
  command: DatabaseCommand,
  context: CommandContext,
  input: CommandInput,
): Promise<CommandResult> {
  return presentRefusals(command, () => command.run(context, input));
}
