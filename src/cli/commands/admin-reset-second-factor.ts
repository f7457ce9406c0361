import { appendAuditRow } from '../../audit-log/append-audit-row.js';
import { findByEmail } from '../../users/reset-password.js';
import { removeSecondFactor } from '../../users/second-factor.js';
import { endSessionsOf } from '../../users/sessions.js';
import { CLI_ACTOR } from '../cli-actor.js';
import { CommandError, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Takes the second factor from somebody who has lost it. */
export const adminResetSecondFactor: DatabaseCommand = {
  name: 'admin:reset-second-factor',
  usage: '--email E-MAIL',
  summary: 'remove the second factor of somebody who has lost it, and end their sessions',
  async run({ sql, keyring }, { args }) {
    const { email } = parseArguments(args, { email: { type: 'string' } }).values;
    if (email === undefined) throw new UsageError('say whose with --email');
    const person = await findByEmail(sql, email);
    if (person === undefined) throw new CommandError(`There is nobody with the e-mail ${email}.`);
    const ended = await sql.transaction(async (session) => {
      if (!(await removeSecondFactor(session, person.id))) {
        throw new CommandError(`${person.email} has no second factor.`);
      }
      const sessions = await endSessionsOf(session, person.id);
      await appendAuditRow(session, keyring, CLI_ACTOR, {
        action: 'user.removeSecondFactor',
        kind: 'user',
        id: person.id,
        accountId: person.accountId,
        after: { endedSessions: sessions },
      });
      return sessions;
    });
    const stderr = `${person.email} signs in with the password alone now. Sessions ended: ${ended}.\n`;
    return { exitCode: 0, stderr };
  },
};
