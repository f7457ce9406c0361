import { appendAuditRow } from '../../audit-log/append-audit-row.js';
import { generatePassword, hashPassword } from '../../users/password.js';
import { listAdministrators, setPassword } from '../../users/reset-password.js';
import { CLI_ACTOR } from '../cli-actor.js';
import { CommandError, type DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Gives an administrator a new, generated password. */
export const adminResetPassword: DatabaseCommand = {
  name: 'admin:reset-password',
  usage: '[--email E-MAIL]',
  summary:
    'give an administrator a new password, print it once and end their sessions (--email when there are several)',
  async run({ sql, keyring }, { args }) {
    const { values } = parseArguments(args, { email: { type: 'string' } });
    const administrators = await listAdministrators(sql);
    if (administrators.length === 0) throw new CommandError('There is no administrator.');
    if (values.email === undefined && administrators.length > 1) {
      const names = administrators.map(({ email }) => email).join(', ');
      throw new CommandError(`There are several administrators: ${names}. Say which with --email.`);
    }
    const wanted = values.email?.toLowerCase();
    const person = administrators.find(({ email }) => wanted === undefined || email.toLowerCase() === wanted);
    if (person === undefined) throw new CommandError(`There is no administrator ${values.email}.`);
    const password = generatePassword();
    const hash = await hashPassword(password);
    const ended = await sql.transaction(async (session) => {
      const sessions = await setPassword(session, person.id, hash);
      await appendAuditRow(session, keyring, CLI_ACTOR, {
        action: 'user.resetPassword',
        kind: 'user',
        id: person.id,
        accountId: person.accountId,
        after: { endedSessions: sessions },
      });
      return sessions;
    });
    return {
      exitCode: 0,
      stdout: `${password}\n`,
      stderr: `New password of ${person.email}. It is not shown again. Sessions ended: ${ended}.\n`,
    };
  },
};
