import type { Actor } from '../../users/actor.js';
import type { Role } from '../../users/permission.js';
import { ownersOnly, sessionNeeded } from '../../users/users.errors.js';

/**
 * Whether an actor who may change people may change one with this role, or give it to somebody.
 *
 * @throws HubError 403 `owners_only` for owners and admins, unless the actor is an owner; 403 `session_needed` for staff when it is
 * an admin token: it could otherwise make itself somebody with more than its own permissions.
 */
export function requireTouch(actor: Actor, role: Role): void {
  if ((role === 'owner' || role === 'admin') && actor.role !== 'owner') throw ownersOnly();
  if (role !== 'member' && actor.kind !== 'session') throw sessionNeeded('Changing people who are staff');
}
