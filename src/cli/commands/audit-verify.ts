import { type AuditMark, verifyAuditLog } from '../../audit-log/verify-audit-log.js';
import { type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

const HOUR_MS = 3_600_000;
const MARK = /^(\d{1,18}):([0-9a-f]{64})$/i;

/** Reads the whole audit log and compares every hash. Changes nothing. */
export const auditVerify: DatabaseCommand = {
  name: 'audit:verify',
  usage: '[--expect SEQ:HASH]',
  summary: 'check that no row of the audit log was changed, removed or put in; prints its end, for the next --expect',
  answerMsMax: HOUR_MS,
  async run({ sql, keyring }, { args }) {
    const { values } = parseArguments(args, { expect: { type: 'string' } });
    const expected = values.expect === undefined ? undefined : readMark(values.expect);
    const { rows, end, problems } = await sql.snapshot((session) => verifyAuditLog(session, keyring, expected), {
      timeoutMs: HOUR_MS,
    });
    const stdout = `${end.seq}:${end.hash}\n`;
    if (problems.length === 0) return { exitCode: 0, stdout, stderr: `The audit log is whole: ${rows} rows.\n` };
    return { exitCode: 1, stdout, stderr: `The audit log is not whole.\n${problems.join('\n')}\n` };
  },
};

function readMark(text: string): AuditMark {
  const [, seq, hash] = MARK.exec(text) ?? [];
  if (seq === undefined || hash === undefined)
    throw new UsageError('--expect is what an earlier run printed, SEQ:HASH');
  return { seq, hash: hash.toLowerCase() };
}
