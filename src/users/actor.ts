import type { Permission, Role } from './permission.js';

/** Who makes a request of the admin API. */
export interface Actor {
  /** How the person proved who they are: by signing in, or with a personal admin token. */
  readonly kind: 'session' | 'token';
  /** Id of the session or token. */
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly role: Role;
  /** The account of the person: always there for a member. */
  readonly accountId: string | null;
  /** What the token is narrowed to; null for a session, which has all that the role has. */
  readonly permissions: ReadonlySet<Permission> | null;
}
