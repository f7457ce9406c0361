import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './command.js';

/** Reads options strictly. @throws UsageError for an option that is unknown or lacks its value. */
export function parseArguments<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  positionalsMax = 0,
) {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: positionalsMax > 0, strict: true });
    if (parsed.positionals.length > positionalsMax) throw new UsageError(`unexpected ${parsed.positionals.at(-1)}`);
    return parsed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError((error as Error).message.split('\n', 1)[0]);
  }
}

/** `a, b` to its items; undefined when the option was not given. */
export function listOption(value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const items = value.split(',').map((item) => item.trim());
  if (items.some((item) => item === '')) throw new UsageError('a list must not have empty items');
  return items;
}
