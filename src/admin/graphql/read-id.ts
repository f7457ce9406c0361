import { notFound } from './graphql.errors.js';
import { isId } from './ids.js';

const ID_CHARS_SHOWN_MAX = 40;

/**
 * An id as the database has it.
 * @param what it is the id of, for the message.
 * @throws HubError 404 `not_found` naming `param` for what cannot be one: there is nothing with that id.
 */
export function readId(what: string, id: string, param = 'id'): string {
  if (isId(id)) return id;
  throw notFound(what, id.slice(0, ID_CHARS_SHOWN_MAX), param);
}
