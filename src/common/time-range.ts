import { invalidRequest } from './hub-error.js';

/** From a moment (included) to another (not included). An open end is undefined. */
export interface TimeRange {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
}

const TIME =
  /^((?:19[7-9]|[2-9]\d\d)\d-(?:0[1-9]|1[0-2])-(\d\d))(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d))?$/;

/**
 * Reads a moment: a date (its first moment in UTC) or an RFC 3339 time with its zone, from 1970 to 9999.
 *
 * @param param the query parameter, which the error names.
 * @throws HubError 400.
 */
export function parseTime(text: string, param: string): Date {
  const [, date = '', day] = TIME.exec(text) ?? [];
  // Date.parse takes the 31st of February for a day in March.
  if (date === '' || new Date(`${date}T00:00:00Z`).getUTCDate() !== Number(day)) {
    throw invalidRequest(
      `"${param}" must be a date such as 2026-11-26, or a time with its zone such as 2026-11-26T08:00:00Z.`,
      param,
    );
  }
  return new Date(text);
}

/**
 * Reads `from` (included) and `to` (not included) of a query.
 *
 * @throws HubError 400 naming the parameter when one is no time, or when nothing can lie between them.
 */
export function parseTimeRange(query: Readonly<{ from?: string; to?: string }>): TimeRange {
  const from = query.from === undefined ? undefined : parseTime(query.from, 'from');
  const to = query.to === undefined ? undefined : parseTime(query.to, 'to');
  if (from !== undefined && to !== undefined && from >= to) {
    throw invalidRequest('"to" must be later than "from"; it is the first moment that is left out.', 'to');
  }
  return { from, to };
}
