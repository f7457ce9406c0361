import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.js';

/** Reads options strictly. @throws UsageError for an option that is unknown or lacks its value. */
export function parseArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  positionalsMax = 0,
) {
  try {
    const parsed = parseArgs({
      args: joinNegatives(args),
      options,
      allowPositionals: positionalsMax > 0,
      strict: true,
    });
    if (parsed.positionals.length > positionalsMax) throw new UsageError(`unexpected ${parsed.positionals.at(-1)}`);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError((error as Error).message.split('\n', 1)[0]);
  }
}

/** `--units -5` as `--units=-5`: no option of ours begins with a digit, but the parser would take -5 for one. */
function joinNegatives(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    if (/^-[0-9.]/.test(arg) && before !== undefined && /^--[^=]+$/.test(before))
      joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

/** `a, b` to its items; undefined when the option was not given. */
export function listOption(value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const items = value.split(',').map((item) => item.trim());
  if (items.some((item) => item === '')) throw new UsageError('a list must not have empty items');
  return items;
}
