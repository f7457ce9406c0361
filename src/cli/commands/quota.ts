import { randomUUID } from 'node:crypto';
import { postEntry } from '../../quota/post-entry.js';
import type { CommandContext, CommandInput, CommandResult, DatabaseCommand } from '../command.js';
import { UsageError } from '../command.js';
import { findAccount } from '../find-account.js';
import { AMOUNT_OPTIONS, describeAmount, parseAmount } from '../parse-amount.js';
import { parseArguments } from '../parse-arguments.js';
import { parseName } from '../parse-name.js';

const OPTIONS = {
  ...AMOUNT_OPTIONS,
  account: { type: 'string' },
  ref: { type: 'string' },
  reason: { type: 'string' },
} as const;

const REF_CHARS_MAX = 200;
const REASON_CHARS_MAX = 500;
const USAGE = '--account ID|NAME --units N|--credits D [--ref REF] [--reason TEXT]';

/** Gives quota to an account. */
export const quotaGrant: DatabaseCommand = {
  name: 'quota:grant',
  usage: USAGE,
  summary: 'give quota to an account; with the --ref of an earlier grant nothing is given twice',
  run: (context, input) => post('grant', context, input),
};

/** Corrects an account's quota, up or down. */
export const quotaAdjust: DatabaseCommand = {
  name: 'quota:adjust',
  usage: USAGE,
  summary: 'correct the quota of an account; a negative amount takes some away, but never more than there is',
  run: (context, input) => post('adjust', context, input),
};

/** The reference goes to standard output: who repeats a command that was cut off with it moves nothing twice. */
async function post(kind: 'grant' | 'adjust', { sql }: CommandContext, { args }: CommandInput): Promise<CommandResult> {
  const { values } = parseArguments(args, OPTIONS);
  const amount = parseAmount(values, kind === 'adjust' ? 'any' : 'positive');
  if (values.account === undefined) throw new UsageError('--account is needed: the id or name of an account');
  const ref = values.ref === undefined ? `cli:${randomUUID()}` : parseName(values.ref, 'ref', REF_CHARS_MAX);
  const reason = values.reason === undefined ? undefined : parseName(values.reason, 'reason', REASON_CHARS_MAX);
  const account = await findAccount(sql, values.account);
  const { entryId, isNew } = await postEntry(sql, { kind, accountId: account.id, amount, ref, actor: 'cli', reason });
  const to = `account ${account.id} "${account.name}"`;
  const note = isNew
    ? `Entry ${entryId}: ${describeAmount(amount)} to ${to}.`
    : `Nothing was changed: entry ${entryId} had posted this to ${to} before.`;
  return { exitCode: 0, stdout: `${ref}\n`, stderr: `${note}\n` };
}
