import type { Actor } from '../../users/actor.js';
import { sessionNeeded } from '../../users/users.errors.js';
import type { AdminContext } from '../graphql/admin-context.js';

/**
 * Somebody who has signed in with a password: a token that got into wrong hands must not be a way to more than it may do.
 *
 * @param what is done, such as `Changing the password`.
 * @throws HubError 403 `session_needed` for admin tokens, 401 for visitors.
 */
export function requireSession(context: AdminContext, what: string): Actor {
  const actor = context.requireActor();
  if (actor.kind !== 'session') throw sessionNeeded(what);
  return actor;
}
