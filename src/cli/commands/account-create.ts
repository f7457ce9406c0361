import type { SqlSession } from '../../database/sql.js';
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
    if (/^\d+$/.test(name)) throw new UsageError('--name must not be a number, which would look like an id');
    const limits = [
      parseCount(values.rpm, 'rpm'),
      parseCount(values.tpm, 'tpm'),
      parseCount(values.concurrency, 'concurrency'),
    ].map((limit) => limit ?? null);
    return sql.transaction(async (session) => {
      const groupId = await findGroup(session, values.group ?? 'default');
      // Names are what other commands find accounts by, so a second one of the same name would only be in the way.
      const [row] = await session.query<{ id: string }>(
        `insert into account (name, group_id, rpm_limit, tpm_limit, concurrency_limit)
         select $1, $2, $3, $4, $5 where not exists (select from account where name = $1) returning id`,
        [name, groupId, ...limits],
      );
      if (row === undefined) throw new CommandError(`There is an account "${name}" already.`);
      return { exitCode: 0, stdout: `${row.id}\n`, stderr: `Account ${row.id} "${name}" has no quota yet.\n` };
    });
  },
};

async function findGroup(session: SqlSession, name: string): Promise<string> {
  const [group] = await session.query<{ id: string }>(`select id from account_group where name = $1`, [name]);
  if (group === undefined) throw new CommandError(`There is no account group ${name}.`);
  return group.id;
}
