import { createHash } from 'node:crypto';
import { invalidRequest } from '../common/hub-error.js';
import { decodeCursor, encodeCursor } from '../common/keyset-cursor.js';
import type { GroupValues } from './read-usage-sums.js';
import { USAGE_PARAMETERS, type UsageDimension, type UsageParameters } from './usage-query.js';
import { USER_IDENTIFIER_LENGTH_MAX } from './usage-sums.js';

const CHECK = /^[\w-]{16}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/;
const ID = /^\d{1,18}$/;
const DAY = /^\d{1,3}$/;
// No text in the database has a NUL, and it refuses one as a value.
const TEXT = new RegExp(`^[^\\0]{0,${2 * USER_IDENTIFIER_LENGTH_MAX}}$`, 's');

const PATTERNS: Readonly<Record<UsageDimension, RegExp>> = { model: TEXT, user_identifier: TEXT, key: ID, day: DAY };

/** Where a page of a report ends. */
export interface UsagePlace {
  /** The range of the first page, as ISO 8601: its end may have been the present. */
  readonly from: string;
  readonly to: string;
  readonly values: GroupValues;
}

/** The cursor of a place in the report that these parameters ask for. */
export function encodeUsageCursor(parameters: UsageParameters, place: UsagePlace): string {
  const values = [place.from, place.to, ...place.values];
  return encodeCursor([checkOf(parameters, values), ...values]);
}

/**
 * Reads a cursor back.
 *
 * @throws HubError 400 for one that was changed, or that belongs to a report with other parameters: its place would mean
 * something else there.
 */
export function decodeUsageCursor(
  cursor: string,
  parameters: UsageParameters,
  groupBy: readonly UsageDimension[],
): UsagePlace {
  const patterns = groupBy.map((dimension) => PATTERNS[dimension]);
  const [check, ...values] = decodeCursor(cursor, [CHECK, TIME, TIME, ...patterns]);
  if (check !== checkOf(parameters, values)) {
    throw invalidRequest('"after" belongs to another report. Ask for the next page with the same parameters.', 'after');
  }
  const [from = '', to = '', ...group] = values;
  return { from, to, values: group };
}

/** Recognises mistakes. It need not withstand anybody: a cursor is only a place in the caller's own rows. */
function checkOf(parameters: UsageParameters, values: readonly string[]): string {
  const named = USAGE_PARAMETERS.map((name) => parameters[name] ?? null);
  return createHash('sha256')
    .update(JSON.stringify([named, values]))
    .digest('base64url')
    .slice(0, 16);
}
