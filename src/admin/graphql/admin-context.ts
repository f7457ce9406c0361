import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../users/actor.js';
import { type Permission, reachOf } from '../../users/permission.js';
import type { FieldPermission } from './allow.decorator.js';
import { notPermitted, signInNeeded } from './graphql.errors.js';
import { Loaders } from './loaders.js';

/** What all fields of one request of the admin API share. */
export class AdminContext {
  readonly loaders = new Loaders();

  constructor(
    /** The names that `@nestjs/throttler` looks for. */
    readonly req: FastifyRequest,
    readonly res: FastifyReply,
    private current: Actor | undefined,
  ) {}

  /** Undefined for a visitor who has not signed in. */
  get actor(): Actor | undefined {
    return this.current;
  }

  /** Somebody has signed in, or out: what follows in the same operation is theirs, or a visitor's. */
  becomes(actor: Actor | undefined): void {
    this.current = actor;
  }

  /**
   * The account to which what the actor may see or change is bound; null when it is everybody's. Give it to the SQL, so that
   * rows of others are not found.
   *
   * @throws HubError 401 without an actor, 403 when the actor lacks the permission.
   */
  scope(permission: Permission): string | null {
    const actor = this.requireActor();
    const reach = this.reachOf(actor, permission);
    if (reach === 'all') return null;
    // A member without an account could otherwise see what is nobody's.
    if (actor.accountId === null) throw notPermitted(permission);
    return actor.accountId;
  }

  /** Whether the actor has the permission, on whatever rows. */
  may(permission: FieldPermission): boolean {
    if (permission === 'anybody') return true;
    if (this.actor === undefined) return false;
    return isGranted(this.actor, permission);
  }

  /** @throws HubError 401 for visitors, 403 without the permission. */
  require(permission: FieldPermission): void {
    if (permission === 'anybody') return;
    this.reachOf(this.requireActor(), permission);
  }

  /** @throws HubError 401 for visitors. */
  requireActor(): Actor {
    if (this.actor === undefined) throw signInNeeded();
    return this.actor;
  }

  private reachOf(actor: Actor, permission: Permission): 'all' | 'own' {
    const reach = reachOf(actor.role, permission);
    if (reach === undefined || !isGranted(actor, permission)) throw notPermitted(permission);
    return reach;
  }
}

function isGranted(actor: Actor, permission: Permission): boolean {
  if (reachOf(actor.role, permission) === undefined) return false;
  return actor.permissions === null || actor.permissions.has(permission);
}
