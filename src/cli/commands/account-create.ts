import type { SqlSession } from '../../database/sql.js';
import { createAccount, isAccountName } from '../../quota/create-account.js';
import { CommandError, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';
import { parseCount } from '../parse-count.js';
import { parseName } from '../parse-name.js';

const OPTIONS = {
  name: { type: 'string' },
  group: { type: 'string' },
  rpm: { type: 'string' },
  tpm: { type: 'string' },
  concurrency: { type: 'string' },
} as const;

const NAME_CHARS_MAX = 200;

/** Makes an account. Its id alone goes to standard output. */
export const accountCreate: DatabaseCommand = {
  name: 'account:create',
  usage: '--name NAME [--group NAME] [--rpm N] [--tpm N] [--concurrency N]',
  summary: 'make an account without quota, and print its id; limits are per minute, and requests at a time',
  async run({ sql }, { args }) {
    const { values } = parseArguments(args, OPTIONS);
    const name = parseName(values.name, 'name', NAME_CHARS_MAX);
    if (!isAccountName(name)) throw new UsageError('--name must not be a number, which would look like an id');
    const limits = {
      rpm: parseCount(values.rpm, 'rpm'),
      tpm: parseCount(values.tpm, 'tpm'),
      concurrency: parseCount(values.concurrency, 'concurrency'),
    };
    return sql.transaction(async (session) => {
      const groupId = await findGroup(session, values.group ?? 'default');
      const id = await createAccount(session, { name, groupId, limits });
      if (id === undefined) throw new CommandError(`There is an account "${name}" already.`);
      return { exitCode: 0, stdout: `${id}\n`, stderr: `Account ${id} "${name}" has no quota yet.\n` };
    });
  },
};

async function findGroup(session: SqlSession, name: string): Promise<string> {
  const [group] = await session.query<{ id: string }>(`select id from account_group where name = $1`, [name]);
  if (group === undefined) throw new CommandError(`There is no account group ${name}.`);
  return group.id;
}
