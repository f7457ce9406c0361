import { Inject } from '@nestjs/common';
import {
  Args,
  Context,
  createUnionType,
  ID,
  Int,
  Mutation,
  Parent,
  Query,
  ResolveField,
  Resolver,
} from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { VersionConflict } from '../../graphql/version-conflict.js';
import {
  AccountGroupConnection,
  type AccountGroupDeleted,
  AccountGroupNode,
  AccountGroupsArgs,
  CreateAccountGroupInput,
  DeleteAccountGroupInput,
  DeleteAccountGroupResult,
  type GroupInUse,
  UpdateAccountGroupInput,
} from './account-group.type.js';
import { AccountGroupReader } from './account-group-reader.js';
import { AccountGroupsService } from './account-groups.service.js';

const UpdateAccountGroupResult = createUnionType({
  name: 'UpdateAccountGroupResult',
  description: 'The changed group, or that somebody else was faster.',
  types: () => [AccountGroupNode, VersionConflict] as const,
  resolveType: (value) => (value instanceof VersionConflict ? VersionConflict : AccountGroupNode),
});

/** Account groups. */
@Resolver(() => AccountGroupNode)
export class AccountGroupsResolver {
  constructor(
    @Inject(AccountGroupReader) private readonly reader: AccountGroupReader,
    @Inject(AccountGroupsService) private readonly service: AccountGroupsService,
  ) {}

  @Query(() => AccountGroupConnection, { description: 'Account groups, in the order of their ids.' })
  @Allow('groups:read')
  accountGroups(@Args() args: AccountGroupsArgs): Promise<Page<AccountGroupNode>> {
    return this.reader.page(args);
  }

  @Query(() => AccountGroupNode, { description: 'One account group.' })
  @Allow('groups:read')
  accountGroup(@Args('id', { type: () => ID, description: 'Its id.' }) id: string): Promise<AccountGroupNode> {
    return this.reader.get(id);
  }

  @ResolveField(() => Int, { description: 'How many accounts are in it.' })
  @Allow('groups:read')
  accountCount(@Parent() { id }: AccountGroupNode, @Context() context: AdminContext): Promise<number> {
    return this.reader.accountsIn(context, id);
  }

  @Mutation(() => AccountGroupNode, { description: 'Makes an account group.' })
  @Allow('groups:write')
  createAccountGroup(
    @Args('input', { description: 'The group.' }) input: CreateAccountGroupInput,
    @Context() context: AdminContext,
  ): Promise<AccountGroupNode> {
    return this.service.create(context, input);
  }

  @Mutation(() => UpdateAccountGroupResult, {
    description: 'Changes name, factor or models of an account group. The next request is charged accordingly.',
  })
  @Allow('groups:write')
  updateAccountGroup(
    @Args('input', { description: 'The change.' }) input: UpdateAccountGroupInput,
    @Context() context: AdminContext,
  ): Promise<AccountGroupNode | VersionConflict> {
    return this.service.update(context, input);
  }

  @Mutation(() => DeleteAccountGroupResult, { description: 'Removes an account group that no account is in.' })
  @Allow('groups:write')
  deleteAccountGroup(
    @Args('input', { description: 'Which group.' }) input: DeleteAccountGroupInput,
    @Context() context: AdminContext,
  ): Promise<AccountGroupDeleted | GroupInUse> {
    return this.service.delete(context, input.id);
  }
}
