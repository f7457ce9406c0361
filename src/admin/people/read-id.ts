import { notFound } from '../graphql/graphql.errors.js';
import { isId } from '../graphql/ids.js';

const ID_CHARS_SHOWN_MAX = 40;

/**
 * An id as the database has it.
 * @throws HubError 404 `not_found` for what cannot be one.
 */
export function readId(what: string, id: string, param: string): string {
  if (isId(id)) return id;
  throw notFound(what, id.slice(0, ID_CHARS_SHOWN_MAX), param);
}
