/**
 * True for what can be the id of a row: a positive number that fits the database's bigint. Without zeros in front, so that two texts
 * are the same row only if they are the same text.
 */
export function isId(text: string): boolean {
  return /^[1-9]\d{0,17}$/.test(text);
}
