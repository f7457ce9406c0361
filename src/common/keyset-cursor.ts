import { invalidRequest } from './hub-error.js';

/** Far longer than any cursor the hub makes. */
const CURSOR_CHARS_MAX = 4096;

/**
 * Where the next page of a list begins: the sort values of the last row, opaque to callers.
 *
 * @param values in the order of the sort; each as the database gives it.
 */
export function encodeCursor(values: readonly string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/**
 * Reads a cursor back.
 *
 * @param patterns what each value looks like; as many as {@link encodeCursor} was given.
 * @param param the query parameter it came in.
 * @throws HubError 400 naming `param` for anything that this list did not hand out.
 */
export function decodeCursor(cursor: string, patterns: readonly RegExp[], param = 'after'): string[] {
  const values = cursor.length > CURSOR_CHARS_MAX ? undefined : parse(cursor);
  if (!Array.isArray(values) || values.length !== patterns.length || !values.every(fits(patterns))) {
    throw invalidRequest(`"${param}" is not a cursor of this list. Use one that an answer gave, as it is.`, param);
  }
  return values;
}

/**
 * The size of a page.
 *
 * @param text the query parameter `limit`, if it was given.
 * @throws HubError 400 naming `limit` unless it is a whole number from 1 to `max`.
 */
export function readPageLimit(text: string | undefined, { standard, max }: { standard: number; max: number }): number {
  if (text === undefined) return standard;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > max) throw invalidRequest(`"limit" must be a whole number from 1 to ${max}.`, 'limit');
  return limit;
}

function fits(patterns: readonly RegExp[]) {
  return (value: unknown, at: number): value is string =>
    typeof value === 'string' && patterns[at]?.test(value) === true;
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}
