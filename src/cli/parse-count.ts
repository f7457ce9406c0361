import { UsageError } from './command.js';

/** The most a column of whole numbers holds. */
const INTEGER_MAX = 2_147_483_647;

/**
 * Reads a whole number from 1.
 *
 * @param option its name, for the message.
 * @returns undefined when it was not given. @throws UsageError.
 */
export function parseCount(text: string | undefined, option: string, max: number = INTEGER_MAX): number | undefined {
  if (text === undefined) return undefined;
  const count = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > max) throw new UsageError(`--${option} must be a whole number from 1 to ${max}`);
  return count;
}
