import { ArgsType, createUnionType, Field, GraphQLISODateTime, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import type { Declarer } from '../../../channels/declaration.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../../graphql/connection.js';
import { ManagedByEnum } from '../../graphql/managed-by.enum.js';

/** What accounts have in common. */
@ObjectType('AccountGroup', {
  description: 'What accounts have in common: a factor on prices and the models they may use.',
})
@Allow('groups:read')
export class AccountGroupNode {
  @Field(() => ID, { description: 'Its id.' })
  id!: string;

  @Field(() => String, { description: 'Its name, which no other group has.' })
  name!: string;

  @Field(() => String, {
    description: 'Factor on every selling price, a decimal string exact to the millionth: "1.25".',
  })
  multiplier!: string;

  @Field(() => [String], { nullable: true, description: 'Models its accounts may use; null for all.' })
  models!: string[] | null;

  @Field(() => ManagedByEnum, {
    nullable: true,
    description: 'Who declares it; null for one that is managed here.',
  })
  managedBy!: Declarer | null;

  @Field(() => Int, { description: 'Grows with each change; give it with an update.' })
  version!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When it was changed last.' })
  updatedAt!: Date;
}

/** A page of groups. */
@ObjectType({ description: 'A page of account groups.' })
@Allow('groups:read')
export class AccountGroupConnection extends Connection(AccountGroupNode, 'AccountGroup') {}

/** Which groups are wanted. */
@InputType({ description: 'Which groups are wanted; what is left out does not matter.' })
export class AccountGroupFilter {
  @Field(() => String, { nullable: true, description: 'Those whose name contains this text, in any case of letters.' })
  search?: string | null;
}

/** Arguments of the list of groups. */
@ArgsType()
export class AccountGroupsArgs extends PageArgs {
  @Field(() => AccountGroupFilter, { nullable: true, description: 'Which groups are wanted.' })
  filter?: AccountGroupFilter | null;
}

/** A new group. */
@InputType({ description: 'A new account group.' })
export class CreateAccountGroupInput {
  @Field(() => String, { description: 'Its name: 1 to 64 characters, and no other group has it.' })
  name!: string;

  @Field(() => String, { defaultValue: '1', description: 'From "0" to "1000" with at most six decimals.' })
  multiplier: string = '1';

  @Field(() => [String], { nullable: true, description: 'Models its accounts may use; null for all.' })
  models?: string[] | null;
}

/** A change of a group. */
@InputType({ description: 'A change of an account group. What is left out stays as it is.' })
export class UpdateAccountGroupInput {
  @Field(() => ID, { description: 'Which group.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;

  @Field(() => String, { nullable: true, description: 'A new name.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Another factor, from "0" to "1000" with at most six decimals.' })
  multiplier?: string | null;

  @Field(() => [String], { nullable: true, description: 'Models its accounts may use; null for all.' })
  models?: string[] | null;
}

/** A group to be removed. */
@InputType({ description: 'A group to be removed.' })
export class DeleteAccountGroupInput {
  @Field(() => ID, { description: 'Which group.' })
  id!: string;
}

/** A group was removed. */
@ObjectType({ description: 'The group was removed.' })
@Allow('groups:write')
export class AccountGroupDeleted {
  @Field(() => ID, { description: 'The id it had.' })
  id!: string;
}

/** A group cannot be removed while accounts are in it. */
@ObjectType({ description: 'Nothing was removed: accounts are in this group. Move them to another one first.' })
@Allow('groups:write')
export class GroupInUse {
  @Field(() => String, { description: 'What to do, for people.' })
  message!: string;

  @Field(() => Int, { description: 'How many accounts are in it.' })
  accounts!: number;
}

/** What becomes of a removal. */
export const DeleteAccountGroupResult = createUnionType({
  name: 'DeleteAccountGroupResult',
  description: 'The group was removed, or is in use.',
  types: () => [AccountGroupDeleted, GroupInUse] as const,
  resolveType: (value) => (value instanceof GroupInUse ? GroupInUse : AccountGroupDeleted),
});
