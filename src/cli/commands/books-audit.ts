import { Audit } from '../../audit/audit.js';
import { auditTable } from '../../audit/audit-table.js';
import { INVARIANTS } from '../../audit/invariants.js';
import { type DatabaseCommand, UsageError } from '../command.js';
import { listOption, parseArguments } from '../parse-arguments.js';

const OPTIONS = { account: { type: 'string' }, only: { type: 'string' } } as const;

/** Checks every invariant of the books and prints what it found. Changes nothing. */
export const booksAudit: DatabaseCommand = {
  name: 'books:audit',
  usage: '[--account ID,…] [--only I1,…]',
  summary: 'check every invariant of the books; exit code 1 when one does not hold',
  answerMsMax: 3_600_000,
  async run({ sql }, { args }) {
    const { values } = parseArguments(args, OPTIONS);
    const accounts = listOption(values.account);
    const only = listOption(values.only);
    if (accounts?.some((id) => !/^\d{1,18}$/.test(id))) throw new UsageError('an account is named by its id, a number');
    const unknown = only?.find((id) => !INVARIANTS.some((invariant) => invariant.id === id));
    if (unknown !== undefined) throw new UsageError(`there is no invariant ${unknown}`);
    const results = await new Audit(sql).run({ accounts, only });
    const bad = results.filter(({ badRows }) => badRows > 0);
    return {
      exitCode: bad.length === 0 ? 0 : 1,
      stdout: auditTable(results),
      stderr: bad.length === 0 ? 'The books are in order.\n' : `Not in order: ${bad.map(({ id }) => id).join(', ')}.\n`,
    };
  },
};
