import {
  ArgsType,
  createUnionType,
  Field,
  GraphQLISODateTime,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from '@nestjs/graphql';
import type { PeopleOrder } from '../../users/people.js';
import type { Role } from '../../users/permission.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../graphql/connection.js';
import { VersionConflict } from '../graphql/version-conflict.js';
import { RoleEnum } from './role.enum.js';

/** Somebody who may sign in. */
@ObjectType({ description: 'Somebody who may sign in.' })
@Allow('users:read')
export class User {
  @Field(() => ID, { description: 'The id of the person.' })
  id!: string;

  @Field(() => String, { description: 'The e-mail with which the person signs in; unique whatever its case.' })
  email!: string;

  @Field(() => String, { description: 'What the person is called; may be empty.' })
  name!: string;

  @Field(() => RoleEnum, { description: 'What the person is.' })
  role!: Role;

  @Field(() => ID, { nullable: true, description: 'The account the person belongs to; a member always has one.' })
  accountId!: string | null;

  @Field(() => String, { nullable: true, description: 'The name of that account.' })
  accountName!: string | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'When the person was disabled; null for who can sign in.',
  })
  disabledAt!: Date | null;

  @Field(() => Boolean, { description: 'A code is asked for when the person signs in.' })
  hasSecondFactor!: boolean;

  @Field(() => GraphQLISODateTime, { description: 'When the person was made.' })
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When the password was set.' })
  passwordChangedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'The last sign-in of the last 30 days.' })
  lastSignInAt!: Date | null;

  @Field(() => Int, { description: 'Grows with every change; give the one you saw to `updateUser`.' })
  version!: number;
}

/** A page of people. */
@ObjectType({ description: 'People who may sign in.' })
@Allow('users:read')
export class UserConnection extends Connection(User, 'User') {}

/** {@link PeopleOrder} in the schema. */
const UserOrderEnum = { NEWEST: 'newest', EMAIL: 'email' } as const satisfies Readonly<Record<string, PeopleOrder>>;
registerEnumType(UserOrderEnum, {
  name: 'UserOrder',
  description: 'In which order people are listed.',
  valuesMap: { NEWEST: { description: 'The newest first.' }, EMAIL: { description: 'By e-mail, from a to z.' } },
});

/** Which people are wanted. */
@InputType({ description: 'Which people are wanted; all that is given must fit.' })
export class UserFilter {
  @Field(() => RoleEnum, { nullable: true, description: 'Only people of this role.' })
  role?: Role | null;

  @Field(() => String, { nullable: true, description: 'A part of the e-mail or name, taken literally, in any case.' })
  search?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only people of this account.' })
  accountId?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Only people who are disabled, or only those who are not.' })
  isDisabled?: boolean | null;
}

/** Which page of which people. */
@ArgsType()
export class UserPageArgs extends PageArgs {
  @Field(() => UserFilter, { nullable: true, description: 'Which people; without it all.' })
  filter?: UserFilter | null;

  @Field(() => UserOrderEnum, { defaultValue: UserOrderEnum.NEWEST, description: 'In which order.' })
  orderBy: PeopleOrder = UserOrderEnum.NEWEST;
}

/** A person to be made. */
@InputType({ description: 'A person who shall be able to sign in.' })
export class CreateUserInput {
  @Field(() => String, { description: 'The e-mail with which the person signs in.' })
  email!: string;

  @Field(() => RoleEnum, { description: 'What the person is. Only an owner makes owners and admins.' })
  role!: Role;

  @Field(() => ID, { nullable: true, description: 'The account the person belongs to; a member needs one.' })
  accountId?: string | null;

  @Field(() => String, { defaultValue: '', description: 'What the person is called.' })
  name!: string;
}

/** What an update sets. */
@InputType({ description: 'What is to be changed; what is left out stays.' })
export class UpdateUserInput {
  @Field(() => ID, { description: 'Who.' })
  id!: string;

  @Field(() => Int, { description: 'The version you saw.' })
  version!: number;

  @Field(() => String, { nullable: true, description: 'What the person is called.' })
  name?: string | null;

  @Field(() => RoleEnum, { nullable: true, description: 'What the person is; counts at once.' })
  role?: Role | null;

  @Field(() => ID, { nullable: true, description: 'The account the person belongs to; null for none.' })
  accountId?: string | null;
}

/** Who is meant. */
@InputType({ description: 'Who is meant.' })
export class UserIdInput {
  @Field(() => ID, { description: 'The id of the person.' })
  id!: string;
}

/** A person who was given a password. */
@ObjectType({ description: 'A person has a new, generated password. It is shown this once.' })
@Allow('users:write')
export class UserWithPassword {
  @Field(() => User, { description: 'The person.' })
  user!: User;

  @Field(() => String, { description: 'The password; ask the person to change it.' })
  password!: string;

  @Field(() => Int, { description: 'How many sessions of the person were ended.' })
  endedSessions!: number;
}

/** Nobody else could act as owner. */
@ObjectType({ description: 'Nothing was changed: this is the last owner who can sign in.' })
@Allow('anybody')
export class LastOwner {
  @Field(() => String, { description: 'What to do, for people.' })
  message!: string;
}

/** The outcomes of {@link UpdateUserInput}. */
export const UpdateUserResult = createUnionType({
  name: 'UpdateUserResult',
  description: 'What became of an update of a person.',
  types: () => [User, VersionConflict, LastOwner] as const,
  resolveType: (value: object) => {
    if (value instanceof User) return User;
    return value instanceof LastOwner ? LastOwner : VersionConflict;
  },
});

/** The outcomes of disabling a person. */
export const DisableUserResult = createUnionType({
  name: 'DisableUserResult',
  description: 'What became of disabling a person.',
  types: () => [User, LastOwner] as const,
  resolveType: (value: object) => (value instanceof LastOwner ? LastOwner : User),
});
