import { Context, Query, Resolver } from '@nestjs/graphql';
import { PERMISSIONS } from '../../users/permission.js';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Me } from './me.type.js';

/** Who the caller is. */
@Resolver(() => Me)
export class MeResolver {
  @Query(() => Me, { description: 'Who you are and what you may do.' })
  @Allow('self:read')
  me(@Context() context: AdminContext): Me {
    const { userId, email, role, accountId } = context.requireActor();
    return { id: userId, email, role, accountId, permissions: PERMISSIONS.filter((each) => context.may(each)) };
  }
}
