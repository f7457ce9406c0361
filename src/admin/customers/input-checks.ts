import { HubError, invalidRequest } from '../../common/hub-error.js';
import { toLikePattern } from '../graphql/filter-text.js';
import { notFound } from '../graphql/graphql.errors.js';
import { readId } from '../graphql/read-id.js';
import { readText } from '../graphql/read-text.js';

const SEARCH_CHARS_MAX = 200;
/** The most a column of whole numbers holds. */
const INTEGER_MAX = 2_147_483_647;

/**
 * The LIKE pattern of "contains this text", letter for letter; null when nothing was asked for.
 * @throws HubError 400 naming `param` for text that is too long to search for or that no column can hold.
 */
export function searchPattern(text: string | null | undefined, param = 'filter.search'): string | null {
  if (text == null || text === '') return null;
  if (text.length > SEARCH_CHARS_MAX) {
    throw invalidRequest(`"${param}" must have at most ${SEARCH_CHARS_MAX} characters.`, param);
  }
  if (text.includes('\0') || !text.isWellFormed()) throw invalidRequest(`"${param}" must be plain text.`, param);
  return toLikePattern(text);
}

/**
 * A list of texts that restricts something; null for no restriction.
 * @throws HubError 400 naming `param` when it is empty, which would allow nothing, too long, or has a bad item.
 */
export function readList(
  items: readonly string[] | null | undefined,
  param: string,
  itemsMax: number,
  charsMax: number,
): string[] | null {
  if (items == null) return null;
  if (items.length === 0) throw invalidRequest(`"${param}" must not be empty; null restricts nothing.`, param);
  if (items.length > itemsMax) throw invalidRequest(`"${param}" must have at most ${itemsMax} items.`, param);
  return [...new Set(items.map((item, at) => readText(item, `${param}[${at}]`, charsMax)))];
}

/** A whole number from 1, or null for none. @throws HubError 400 naming `param`. */
export function readCount(value: number | null | undefined, param: string, max: number = INTEGER_MAX): number | null {
  if (value == null) return null;
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw invalidRequest(`"${param}" must be a whole number from 1 to ${max}.`, param);
  }
  return value;
}

/** A time to come, or null for none. @throws HubError 400 naming `param`. */
export function readFuture(value: Date | null | undefined, param: string): Date | null {
  if (value == null) return null;
  if (Number.isNaN(value.getTime()) || value.getTime() <= Date.now() || value.getUTCFullYear() > 9999) {
    throw invalidRequest(`"${param}" must be in the future.`, param);
  }
  return value;
}

/** 409: the thing is not in the state for that. @param code stable, e.g. `account_closed`. */
export function wrongState(code: string, message: string, param = 'id'): HubError {
  return new HubError({ status: 409, code, message, param, shouldRetry: false });
}

/**
 * The account that is meant: the own one or, for staff, the one that is named.
 *
 * @param own to which the actor is bound; null for staff.
 * @throws HubError 400 naming `accountId` when staff name none, 404 for what cannot be one, or is not the own.
 */
export function accountOf(own: string | null, given: string | null | undefined): string {
  if (own !== null) {
    if (given != null && given !== own) throw notFound('account', given.slice(0, 40), 'accountId');
    return own;
  }
  if (given == null) throw invalidRequest('"accountId" is needed: which account is meant.', 'accountId');
  return readId('account', given, 'accountId');
}
