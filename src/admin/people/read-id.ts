import { notFound } from '../graphql/graphql.errors.js';

const ID_CHARS_SHOWN_MAX = 40;

/**
 * An id as the database has it.
 * @throws HubError 404 `not_found` for what cannot be one.
 */
export function readId(what: string, id: string, param: string): string {
  if (/^\d{1,18}$/.test(id)) return id;
  throw notFound(what, id.slice(0, ID_CHARS_SHOWN_MAX), param);
}
