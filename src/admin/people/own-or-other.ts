import type { AdminContext } from '../graphql/admin-context.js';
import { readId } from '../graphql/read-id.js';

/**
 * Whose sessions or tokens are wanted: the own ones without an id.
 *
 * @throws HubError 403 when they are somebody else's and the actor may not read people.
 */
export function ownOrOther(context: AdminContext, userId: string | null | undefined): string {
  const { userId: own } = context.requireActor();
  if (userId == null || userId === own) return own;
  context.require('users:read');
  return readId('person', userId, 'userId');
}
