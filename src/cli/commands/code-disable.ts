import { CodeHasher } from '../../redemption/code-hasher.js';
import { type CodeSelector, disableCodes } from '../../redemption/code-store.js';
import { readCode } from '../../redemption/code-text.js';
import type { Keyring } from '../../secrets/keyring.js';
import { CommandError, type DatabaseCommand, UsageError } from '../command.js';
import { parseArguments } from '../parse-arguments.js';

const OPTIONS = { batch: { type: 'string' }, id: { type: 'string' } } as const;

/** Ends codes for good. */
export const codeDisable: DatabaseCommand = {
  name: 'code:disable',
  usage: 'CODE | --batch NAME | --id ID',
  summary: 'disable a redemption code, or all of a batch; what was redeemed stays',
  async run({ sql, keyring }, { args }) {
    const selector = toSelector(args, keyring);
    const { found, disabled } = await sql.transaction((session) => disableCodes(session, selector));
    if (found === 0) throw new CommandError('There is no such code. Nothing was disabled.');
    const before = found === disabled ? '' : ` ${found - disabled} had been disabled before.`;
    return { exitCode: 0, stderr: `${disabled} of ${found} codes are disabled now.${before}\n` };
  },
};

function toSelector(args: readonly string[], keyring: Keyring): CodeSelector {
  const { values, positionals } = parseArguments(args, OPTIONS, 1);
  const [code] = positionals;
  const { batch, id } = values;
  if ([code, batch, id].filter((given) => given !== undefined).length !== 1) {
    throw new UsageError('say which: a code, --batch with a name, or --id');
  }
  if (batch !== undefined) return { batch };
  if (id !== undefined) {
    if (!/^\d{1,18}$/.test(id)) throw new UsageError('--id must be a number');
    return { id };
  }
  const symbols = readCode(code ?? '');
  if (symbols === undefined) throw new UsageError('this is not a redemption code; check it for typing mistakes');
  return { hash: new CodeHasher(keyring).hash(symbols) };
}
