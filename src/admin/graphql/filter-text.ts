import { invalidRequest } from '../../common/hub-error.js';

const TEXT_CHARS_MAX = 256;

/**
 * A text to filter by, literally.
 *
 * @returns null when there is none.
 * @throws HubError 400 naming `param` for a text that no row can have.
 */
export function checkFilterText(text: string | null | undefined, param: string): string | null {
  if (text == null) return null;
  if (text.length > TEXT_CHARS_MAX || text.includes('\0') || !text.isWellFormed()) {
    throw invalidRequest(`"${param}" must be a text of at most ${TEXT_CHARS_MAX} characters, without NUL.`, param);
  }
  return text;
}

/** A pattern for `like` that finds a text anywhere, with no wildcards of its own. */
export function toLikePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
