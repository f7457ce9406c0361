/** Spreadsheets run a cell that begins with one of these as a formula; a tab or line break before it changes nothing. */
const FORMULA_START = /^[=+\-@\t\r\n]/;
/** A plain number cannot be a formula, and stays one that can be added up. */
const PLAIN_NUMBER = /^-?\d+(\.\d+)?$/;
const NEEDS_QUOTES = /[",\r\n]/;

/** What stands in one cell; null and undefined are an empty one. */
export type CsvCell = string | number | bigint | null | undefined;

/**
 * One line of RFC 4180, its line break included. Text that a spreadsheet would run as a formula gets an apostrophe in
 * front, which the spreadsheet takes as "this is text" (OWASP, CSV injection).
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(toCell).join(',')}\r\n`;
}

/**
 * A whole table as text, one piece per page, so that only one page is in memory at a time.
 *
 * @param header names of the columns.
 * @param pages rows, page by page; the next one is asked for when the one before has been taken.
 */
export async function* csvText(
  header: readonly string[],
  pages: AsyncIterable<readonly (readonly CsvCell[])[]>,
): AsyncGenerator<string, void, undefined> {
  yield csvLine(header);
  for await (const rows of pages) {
    if (rows.length > 0) yield rows.map(csvLine).join('');
  }
}

function toCell(cell: CsvCell): string {
  if (cell === null || cell === undefined) return '';
  const text = String(cell);
  const safe = FORMULA_START.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
