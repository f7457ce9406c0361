import { changeAccountStatus, tellUnfrozen } from '../../quota/account-status.js';
import { TOPIC_KEYS } from '../../redis/topics.js';
import { CommandError, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

const OPTIONS = { reason: { type: 'string' } } as const;
const REASON_CHARS_MAX = 500;

/** Lets a frozen account be used again. Freezes by the audit end only here. */
export const accountUnfreeze: DatabaseCommand = {
  name: 'account:unfreeze',
  usage: 'ID --reason TEXT',
  summary: 'let an account be used again that the audit has frozen; the reason is kept as an alert',
  async run({ sql, publish }, { args }) {
    const { values, positionals } = parseArguments(args, OPTIONS, 1);
    const [id] = positionals;
    if (id === undefined || !/^\d{1,18}$/.test(id)) throw new UsageError('say which account: its id, a number');
    const reason = values.reason?.trim() ?? '';
    if (reason === '' || reason.length > REASON_CHARS_MAX) {
      throw new UsageError(`--reason must have 1 to ${REASON_CHARS_MAX} characters`);
    }
    await sql.transaction(async (session) => {
      const status = await changeAccountStatus(session, id, 'active', ['frozen']);
      if (status === undefined) throw new CommandError(`There is no account ${id}.`);
      if (status !== 'frozen') throw new CommandError(`Account ${id} is not frozen but ${status}.`);
      await tellUnfrozen(session, id, reason);
    });
    await publish(TOPIC_KEYS);
    return {
      exitCode: 0,
      stderr: `Account ${id} is active again. The next audit freezes it if its books are still wrong.\n`,
    };
  },
};
