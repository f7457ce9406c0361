import { Context, Query, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../graphql/admin-context.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Me } from './me.type.js';
import { toMe } from './to-me.js';

/** Who the caller is. */
@Resolver(() => Me)
export class MeResolver {
  @Query(() => Me, { description: 'Who you are and what you may do.' })
  @Allow('self:read')
  me(@Context() context: AdminContext): Me {
    return toMe(context);
  }
}
