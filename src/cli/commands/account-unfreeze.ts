import { insertAlert } from '../../alerts/insert-alert.js';
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
      const [account] = await session.query<{ status: string }>(
        'select status from account where id = $1 for no key update',
        [id],
      );
      if (account === undefined) throw new CommandError(`There is no account ${id}.`);
      if (account.status !== 'frozen') throw new CommandError(`Account ${id} is not frozen but ${account.status}.`);
      await session.query(`update account set status = 'active' where id = $1`, [id]);
      const [now] = await session.query<{ at: Date }>('select now() as at');
      await insertAlert(session, {
        kind: 'account_unfrozen',
        severity: 'info',
        subject: `account:${id}`,
        message: `Account ${id} was unfrozen: ${reason}`,
        details: { accountId: id, reason },
        dedupeKey: `account_unfrozen:${id}:${now?.at.toISOString()}`,
      });
    });
    await publish(TOPIC_KEYS);
    return {
      exitCode: 0,
      stderr: `Account ${id} is active again. The next audit freezes it if its books are still wrong.\n`,
    };
  },
};
