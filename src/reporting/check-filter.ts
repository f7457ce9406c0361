import { invalidRequest } from '../common/hub-error.js';

const TEXT_CHARS_MAX = 256;
const ID = /^[1-9]\d{0,17}$/;
const BIGINT_MAX = 2n ** 63n - 1n;

/** Filters that lists and statistics have in common. Texts are compared as they are: they are no patterns. */
export interface CommonFilter {
  /** Rows of one account only: for a member the own one. Decimal string, as all ids. */
  readonly accountId?: string;
  readonly keyId?: string;
  /** Public name of the model. */
  readonly model?: string;
  readonly channelId?: string;
  /** The end user that the caller named. Identifiers mean something within an account only, so this needs `accountId`. */
  readonly userIdentifier?: string;
}

/**
 * Checks what may come from outside.
 *
 * @throws HubError 400 naming the field: no id, a text that no row can have, or a user identifier without an account.
 */
export function checkFilter(filter: CommonFilter): void {
  for (const name of ['accountId', 'keyId', 'channelId'] as const) checkId(filter[name], name);
  for (const name of ['model', 'userIdentifier'] as const) checkText(filter[name], name);
  if (filter.userIdentifier !== undefined && filter.accountId === undefined) {
    throw invalidRequest(
      '"userIdentifier" names a user of one account: give "accountId" as well.',
      'accountId',
      'filter_required',
    );
  }
}

/** @throws HubError 400 naming `param`, unless it is undefined or a row's id. */
export function checkId(id: string | undefined, param: string): void {
  if (id !== undefined && !ID.test(id)) throw invalidRequest(`"${param}" must be an id, a whole number.`, param);
}

/** @throws HubError 400 naming `param` for a text that no row can have: the database stores no NUL, and refuses one as a value. */
export function checkText(text: string | undefined, param: string): void {
  if (text === undefined) return;
  if ([...text].length > TEXT_CHARS_MAX || text.includes('\0')) {
    throw invalidRequest(`"${param}" must be text of at most ${TEXT_CHARS_MAX} characters.`, param);
  }
}

/** @throws HubError 400 naming `param` for a number of nano-credits that no column holds. */
export function checkAmount(amount: bigint | undefined, param: string): void {
  if (amount !== undefined && (amount > BIGINT_MAX || amount < -BIGINT_MAX)) {
    throw invalidRequest(`"${param}" is more than an amount can be.`, param);
  }
}
