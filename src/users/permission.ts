/** What a person who signs in is, from most to least. `member` is a customer, who has one account; the others are staff. */
export type Role = 'owner' | 'admin' | 'operator' | 'viewer' | 'member';

/** On whose things a permission works: everybody's, or those of the own account. */
export type Reach = 'all' | 'own';

type Grants = Readonly<Partial<Record<Role, Reach>>>;

const STAFF: Grants = { owner: 'all', admin: 'all', operator: 'all', viewer: 'all' };
const STAFF_AND_OWN: Grants = { ...STAFF, member: 'own' };
const OPERATORS: Grants = { owner: 'all', admin: 'all', operator: 'all' };
const OPERATORS_AND_OWN: Grants = { ...OPERATORS, member: 'own' };
const ADMINS: Grants = { owner: 'all', admin: 'all' };

/**
 * The written policy: who may do what. A personal admin token names the permissions that it has, and never has more than its
 * user. Whether a member may see one row is decided by its account, in SQL.
 */
export const POLICY = {
  /** The own person: name, password, second factor, sessions, admin tokens. */
  'self:read': STAFF_AND_OWN,
  'self:write': STAFF_AND_OWN,
  /** People who sign in. Only an owner may change owners and admins. */
  'users:read': ADMINS,
  'users:write': ADMINS,
  /** Accounts: name, status, balance, limits. */
  'accounts:read': STAFF_AND_OWN,
  'accounts:write': OPERATORS,
  /** Groups of accounts: the factor on their prices, the models they may use. */
  'groups:read': STAFF,
  'groups:write': ADMINS,
  /** Granting and adjusting quota. */
  'quota:write': ADMINS,
  'keys:read': STAFF_AND_OWN,
  'keys:write': OPERATORS_AND_OWN,
  /** Channels, providers and routes. Credentials can be written, never read. */
  'channels:read': STAFF,
  'channels:write': ADMINS,
  'channels:test': OPERATORS,
  'models:read': STAFF_AND_OWN,
  'models:write': ADMINS,
  'prices:read': STAFF,
  'prices:write': ADMINS,
  'codes:read': STAFF,
  'codes:write': ADMINS,
  'codes:redeem': { owner: 'all', admin: 'all', member: 'own' },
  'usage:read': STAFF_AND_OWN,
  /** What the hub pays and earns, and which channels served. */
  'costs:read': STAFF,
  'ledger:read': STAFF_AND_OWN,
  'jobs:read': STAFF_AND_OWN,
  'jobs:write': OPERATORS_AND_OWN,
  'jobs:refund': ADMINS,
  'webhooks:write': OPERATORS_AND_OWN,
  'limits:read': STAFF,
  'alerts:read': STAFF,
  'alerts:write': OPERATORS,
  'system:read': STAFF,
  'audit:read': STAFF,
  /** Prompts and answers that were captured. */
  'capture:read': ADMINS,
  'capture:write': ADMINS,
} as const satisfies Readonly<Record<string, Grants>>;

/** Name of a permission, such as `keys:write`. */
export type Permission = keyof typeof POLICY;

/** All permissions, in the order of {@link POLICY}. */
export const PERMISSIONS = Object.keys(POLICY) as readonly Permission[];

/** @returns how far a permission reaches for a role; undefined when the role does not have it. */
export function reachOf(role: Role, permission: Permission): Reach | undefined {
  const grants: Grants = POLICY[permission];
  return grants[role];
}
