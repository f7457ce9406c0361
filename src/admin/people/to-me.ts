import { PERMISSIONS } from '../../users/permission.js';
import type { AdminContext } from '../graphql/admin-context.js';
import type { Me } from './me.type.js';

/** The person who makes a request. @throws HubError 401 for visitors. */
export function toMe(context: AdminContext): Me {
  const { userId, email, role, accountId } = context.requireActor();
  return { id: userId, email, role, accountId, permissions: PERMISSIONS.filter((each) => context.may(each)) };
}
