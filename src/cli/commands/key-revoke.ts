import { isImportedApiKey, isWellFormedApiKey } from '../../common/api-key.js';
import { type ApiKeySelector, findApiKeys, revokeApiKey } from '../../keys/api-key-store.js';
import { hashApiKey } from '../../keys/hash-api-key.js';
import { TOPIC_KEYS } from '../../redis/topics.js';
import type { Keyring } from '../../secrets/keyring.js';
import { CommandError, type CommandInput, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

const OPTIONS = { name: { type: 'string' }, last4: { type: 'string' } } as const;

/** Revokes an API key for good. */
export const keyRevoke: DatabaseCommand = {
  name: 'key:revoke',
  usage: 'ID | --name NAME --last4 XXXX | -',
  summary: 'revoke an API key; with - the key itself is read from standard input',
  readsStdin: (args) => args.includes('-'),
  async run({ sql, keyring, publish }, input) {
    const keys = await findApiKeys(sql, toSelector(input, keyring));
    const [key] = keys;
    if (key === undefined) throw new CommandError('There is no such key. Nothing was revoked.');
    if (keys.length > 1) {
      throw new CommandError(`More than one key fits: ids ${keys.map(({ id }) => id).join(', ')}. Give one of them.`);
    }
    const isRevoked = await revokeApiKey(sql, key.id);
    await publish(TOPIC_KEYS);
    const what = `Key ${key.id} "${key.name}" (…${key.last4})`;
    return { exitCode: 0, stderr: isRevoked ? `${what} is revoked.\n` : `${what} had been revoked before.\n` };
  },
};

function toSelector({ args, stdin }: CommandInput, keyring: Keyring): ApiKeySelector {
  const { values, positionals } = parseArguments(args, OPTIONS, 1);
  const [id] = positionals;
  if (id === '-') {
    const key = stdin?.trim() ?? '';
    if (!isWellFormedApiKey(key) && !isImportedApiKey(key))
      throw new CommandError('Standard input does not hold an API key.');
    return { hash: hashApiKey(keyring.apiKeyPepper, key) };
  }
  if (id !== undefined) {
    // A key typed here would stay in the shell's history and the process list.
    if (!/^\d{1,18}$/.test(id)) throw new UsageError('an id is a number; give a key itself on standard input, with -');
    return { id };
  }
  if (values.name === undefined || values.last4 === undefined) {
    throw new UsageError('say which key: its id, --name with --last4, or - for standard input');
  }
  return { name: values.name, last4: values.last4 };
}
