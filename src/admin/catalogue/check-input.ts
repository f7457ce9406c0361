import { invalidRequest } from '../../common/hub-error.js';
import { notFound } from '../graphql/graphql.errors.js';

const TEXT_CHARS_MAX = 256;
const CONTROL = /\p{Cc}/u;
const CHANNEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** As in the schema of HUB_CONFIG. */
const RANK_MAX = 1_000_000;
const INT_MAX = 2_147_483_647;

/**
 * The public name of a model that may exist.
 * @throws HubError 404 naming `param`.
 */
export function checkModelId(id: string, param = 'id'): string {
  if (!isText(id)) throw notFound('model', JSON.stringify(id.slice(0, 64)), param);
  return id;
}

/**
 * A text that will be stored, such as the name of a model.
 * @throws HubError 400 naming `param`.
 */
export function checkText(text: string, param: string): string {
  if (!isText(text) || text.trim() !== text) {
    throw invalidRequest(
      `"${param}" must have 1 to ${TEXT_CHARS_MAX} characters, without control characters and spaces at its ends.`,
      param,
    );
  }
  return text;
}

/**
 * What is looked for in names, letter by letter: no character of it means anything else.
 * @throws HubError 400 naming `param`.
 */
export function checkSearch(text: string | null | undefined, param = 'filter.search'): string | null {
  if (text == null || text === '') return null;
  if (!isText(text)) {
    throw invalidRequest(
      `"${param}" must have at most ${TEXT_CHARS_MAX} characters, none of them control characters.`,
      param,
    );
  }
  return text;
}

/**
 * The name of a channel.
 * @throws HubError 400 naming `name`.
 */
export function checkChannelName(name: string): string {
  if (!CHANNEL_NAME.test(name)) {
    throw invalidRequest('"name" must be 1 to 64 letters, digits, dots, dashes or underscores.', 'name');
  }
  return name;
}

/** @throws HubError 400 naming `param`. */
export function checkPriority(value: number, param = 'priority'): number {
  return checkBetween(value, -RANK_MAX, RANK_MAX, param);
}

/** @throws HubError 400 naming `param`. */
export function checkWeight(value: number, param = 'weight'): number {
  return checkBetween(value, 0, RANK_MAX, param);
}

/** A number of at least 1, or null for none. @throws HubError 400 naming `param`. */
export function checkMost(value: number | null, param: string, most = INT_MAX): number | null {
  return value === null ? null : checkBetween(value, 1, most, param);
}

function checkBetween(value: number, least: number, most: number, param: string): number {
  if (value < least || value > most) {
    throw invalidRequest(`"${param}" must be a whole number from ${least} to ${most}.`, param);
  }
  return value;
}

/** Whether this can be the name of something. */
export function isText(text: string): boolean {
  return text.length >= 1 && text.length <= TEXT_CHARS_MAX && !CONTROL.test(text) && text.isWellFormed();
}
