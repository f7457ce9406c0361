import { registerEnumType } from '@nestjs/graphql';
import type { Role } from '../../users/permission.js';

/** {@link Role} in the schema. */
export const RoleEnum = {
  OWNER: 'owner',
  ADMIN: 'admin',
  OPERATOR: 'operator',
  VIEWER: 'viewer',
  MEMBER: 'member',
} as const satisfies Readonly<Record<string, Role>>;

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a person is. Everybody but a member is staff.',
  valuesMap: {
    OWNER: { description: 'May do everything, and alone changes owners and admins.' },
    ADMIN: { description: 'May do everything but change owners and admins.' },
    OPERATOR: { description: 'Runs the hub day by day: accounts, keys, jobs, alerts; no money, prices or channels.' },
    VIEWER: { description: 'Sees what staff sees and changes nothing.' },
    MEMBER: { description: 'A customer: sees and manages the own account only.' },
  },
});
