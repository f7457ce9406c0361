import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { Role } from '../../users/permission.js';
import { Allow } from '../graphql/allow.decorator.js';
import { RoleEnum } from './role.enum.js';

/** Who makes the request. */
@ObjectType({ description: 'The person who makes this request.' })
@Allow('self:read')
export class Me {
  @Field(() => ID, { description: 'Id of the person.' })
  id!: string;

  @Field(() => String, { description: 'With which the person signs in.' })
  email!: string;

  @Field(() => RoleEnum, { description: 'What the person is.' })
  role!: Role;

  @Field(() => ID, { nullable: true, description: 'The own account; a member always has one.' })
  accountId!: string | null;

  @Field(() => [String], { description: 'What this person, or the token that is used, may do.' })
  permissions!: string[];
}
