import { registerEnumType } from '@nestjs/graphql';
import type { Role } from '../../users/permission.js';

/** {@link Role} in the schema. */
export const RoleEnum = {
  owner: 'owner',
  admin: 'admin',
  operator: 'operator',
  viewer: 'viewer',
  member: 'member',
} as const satisfies {
  readonly [Name in Role]: Name;
};

registerEnumType(RoleEnum, {
  name: 'Role',
  description: 'What a person is. Everybody but a member is staff.',
  valuesMap: {
    owner: { description: 'May do everything, and alone changes owners and admins.' },
    admin: { description: 'May do everything but change owners and admins.' },
    operator: { description: 'Runs the hub day by day: accounts, keys, jobs, alerts; no money, prices or channels.' },
    viewer: { description: 'Sees what staff sees and changes nothing.' },
    member: { description: 'A customer: sees and manages the own account only.' },
  },
});
