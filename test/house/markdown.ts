import { type ErrorRow, findErrorRow } from '../../src/providers/canonical/error-row.js';
import type { TaskApi } from '../../src/providers/provider.js';
import type { VideoErrorCase } from '../contract/video/video-contract.js';

/** Rows of a provider's error table that no recorded answer is about. */
export function untestedRows(
  { errors: rows = [] }: Pick<TaskApi, 'errors'>,
  { errors }: { readonly errors: readonly VideoErrorCase[] },
): readonly ErrorRow[] {
  return rows.filter((row) => !isTested(rows, row, errors));
}

/** Whether one of the recorded answers is about a row. */
export function isTested(rows: readonly ErrorRow[], row: ErrorRow, errors: readonly VideoErrorCase[]): boolean {
  return errors.some((one) => one.status === row.http && findErrorRow(rows, one.status, one.expect.code) === row);
}

/** For how long results can be fetched. */
export function describeLinks({ toContent, linksLastHours }: TaskApi): string {
  if (toContent !== undefined) return 'no links';
  if (linksLastHours === undefined) return 'not said';
  return linksLastHours < 1 ? `${Math.round(linksLastHours * 60)} min` : `${linksLastHours} h`;
}

/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Names, or that there are none. */
export function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map(code).join(', ');
}

/** Text as it is written. */
export function code(text: string): string {
  return `\`${text}\``;
}
