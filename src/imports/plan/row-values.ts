import type { TextRow } from '../source/source-tables.js';

/** A Unix time beyond the year 9999 means never. */
const SECONDS_MAX = 253_402_300_799n;
const MODEL_NAME_CHARS_MAX = 256;

/** A text of a row; empty when it is null or the column does not exist. */
export function textOf(row: TextRow, column: string): string {
  return row[column] ?? '';
}

/** Text for people: on one line, without what terminals act upon, well-formed, and not too long. */
export function plainText(text: string, charsMax: number): string {
  return text
    .toWellFormed()
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, charsMax)
    .toWellFormed()
    .trim();
}

/**
 * A whole number of a row.
 * @param missing when it is null, or the column does not exist.
 * @returns undefined when it is something else.
 */
export function wholeOf(row: TextRow, column: string, missing: bigint): bigint | undefined {
  const text = row[column] ?? null;
  if (text === null) return missing;
  // SQLite may keep a whole number as a real one.
  return /^-?\d{1,30}(\.0+)?$/.test(text) ? BigInt(text.replace(/\.0+$/, '')) : undefined;
}

/** A truth value, as either database writes it. */
export function isTrue(row: TextRow, column: string): boolean {
  return ['1', 'true', 't'].includes(textOf(row, column).toLowerCase());
}

/** True when the product has marked the row as deleted. */
export function isDeleted(row: TextRow): boolean {
  return textOf(row, 'deleted_at') !== '';
}

/** A Unix time in seconds. @returns undefined for one that will not come, or cannot be. */
export function toDate(seconds: bigint): Date | undefined {
  return seconds < 0n || seconds > SECONDS_MAX ? undefined : new Date(Number(seconds) * 1000);
}

/** The items of a list with commas, trimmed, each once. */
export function listOf(text: string): string[] {
  return [...new Set(text.split(',').map((item) => item.trim()))].filter((item) => item !== '');
}

/** True for what can be the name of a model here. */
export function isModelName(name: string): boolean {
  return name !== '' && name.length <= MODEL_NAME_CHARS_MAX && !/\p{Cc}/u.test(name) && name.isWellFormed();
}

/** A JSON object. @returns undefined when the text is something else; an empty one when it is empty. */
export function jsonObjectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** What to call a row in a warning: `key 12 "laptop"`. */
export function subjectOf(kind: string, row: TextRow, nameColumn: string): string {
  const name = plainText(textOf(row, nameColumn), 64);
  return `${kind} ${plainText(textOf(row, 'id'), 20)}${name === '' ? '' : ` "${name}"`}`;
}
