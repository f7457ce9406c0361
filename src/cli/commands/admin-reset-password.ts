import { generatePassword, hashPassword } from '../../users/password.js';
import { listAdministrators, setPassword } from '../../users/reset-password.js';
import { CommandError, type DatabaseCommand } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

/** Gives an administrator a new, generated password. */
export const adminResetPassword: DatabaseCommand = {
  name: 'admin:reset-password',
  usage: '[--email E-MAIL]',
  summary: 'give an administrator a new password and print it once (--email is needed when there are several)',
  async run({ sql }, { args }) {
    const { values } = parseArguments(args, { email: { type: 'string' } });
    const administrators = await listAdministrators(sql);
    const email = values.email ?? administrators[0];
    if (email === undefined) throw new CommandError('There is no administrator.');
    if (values.email === undefined && administrators.length > 1) {
      throw new CommandError(`There are several administrators: ${administrators.join(', ')}. Say which with --email.`);
    }
    if (!administrators.some((known) => known.toLowerCase() === email.toLowerCase())) {
      throw new CommandError(`There is no administrator ${email}.`);
    }
    const password = generatePassword();
    await setPassword(sql, email, await hashPassword(password));
    return { exitCode: 0, stdout: `${password}\n`, stderr: `New password of ${email}. It is not shown again.\n` };
  },
};
