import { Readable } from 'node:stream';

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
 * A whole table, written page by page, so that only one page is in memory at a time.
 *
 * @param header names of the columns.
 * @param pages rows, page by page; the next one is asked for when the one before has been taken.
 * @throws what the first page throws, while the answer can still be an error.
 */
export async function openCsv(
  header: readonly string[],
  pages: AsyncIterable<readonly (readonly CsvCell[])[]>,
): Promise<Readable> {
  const rest = pages[Symbol.asyncIterator]();
  const first = await rest.next();
  return Readable.from(write(header, first, rest));
}

async function* write(
  header: readonly string[],
  first: IteratorResult<readonly (readonly CsvCell[])[]>,
  rest: AsyncIterator<readonly (readonly CsvCell[])[]>,
): AsyncGenerator<string, void, undefined> {
  yield csvLine(header);
  for (let page = first; page.done !== true; page = await rest.next()) {
    if (page.value.length > 0) yield page.value.map(csvLine).join('');
  }
}

function toCell(cell: CsvCell): string {
  if (cell === null || cell === undefined) return '';
  const text = String(cell);
  const safe = FORMULA_START.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
