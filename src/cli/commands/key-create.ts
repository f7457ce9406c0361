import { isAddressOrRange } from '../../keys/address-range.js';
import { createApiKey } from '../../keys/create-api-key.js';
import { type DatabaseCommand, UsageError } from '../command.js';
import { findAccount } from '../find-account.js';
import { listOption, parseArguments } from '../parse-arguments.js';
import { parseCount } from '../parse-count.js';
import { parseExpiry } from '../parse-expiry.js';

const OPTIONS = {
  name: { type: 'string' },
  account: { type: 'string' },
  models: { type: 'string' },
  ips: { type: 'string' },
  expires: { type: 'string' },
  rpm: { type: 'string' },
  tpm: { type: 'string' },
  concurrency: { type: 'string' },
} as const;

const NAME_CHARS_MAX = 200;

/** Makes an API key. The key alone goes to standard output. */
export const keyCreate: DatabaseCommand = {
  name: 'key:create',
  usage:
    '--name NAME [--account ID|NAME] [--models a,b] [--ips 10.0.0.0/8,::1] [--expires 2027-01-31|90d] ' +
    '[--rpm N] [--tpm N] [--concurrency N]',
  summary: 'make an API key of an account (default: the account "default") and print it once',
  async run({ sql, keyring }, { args }) {
    const { values } = parseArguments(args, OPTIONS);
    const name = values.name?.trim() ?? '';
    if (name === '' || name.length > NAME_CHARS_MAX) throw new UsageError('--name is needed, to know the key by');
    const wanted = {
      name,
      models: listOption(values.models),
      ipAllowList: listOption(values.ips)?.map(checkAddress),
      expiresAt: values.expires === undefined ? undefined : parseExpiry(values.expires, Date.now()),
      limits: {
        rpm: parseCount(values.rpm, 'rpm'),
        tpm: parseCount(values.tpm, 'tpm'),
        concurrency: parseCount(values.concurrency, 'concurrency'),
      },
    };
    return sql.transaction(async (session) => {
      const account = await findAccount(session, values.account ?? 'default');
      const created = await createApiKey(session, keyring, { ...wanted, accountId: account.id });
      const note = `Key ${created.id} "${name}" of account ${account.id} "${account.name}". It is not shown again.\n`;
      return { exitCode: 0, stdout: `${created.key}\n`, stderr: note };
    });
  },
};

function checkAddress(item: string): string {
  if (isAddressOrRange(item)) return item;
  throw new UsageError(`--ips: ${item} is neither an address nor a range such as 10.0.0.0/8`);
}
