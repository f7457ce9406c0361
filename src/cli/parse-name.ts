import { UsageError } from './command.js';

/**
 * Reads a name for something new.
 *
 * @param option its name, for the message.
 * @throws UsageError when it is empty, too long, or has characters that a terminal acts upon.
 */
export function parseName(text: string | undefined, option: string, charsMax: number): string {
  const name = text?.trim() ?? '';
  if (name === '' || name.length > charsMax) throw new UsageError(`--${option} must have 1 to ${charsMax} characters`);
  if (/\p{Cc}/u.test(name) || !name.isWellFormed()) throw new UsageError(`--${option} must be plain text on one line`);
  return name;
}
