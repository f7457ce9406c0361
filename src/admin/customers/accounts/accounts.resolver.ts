import { Inject } from '@nestjs/common';
import { Args, Context, createUnionType, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { type Page, PageArgs } from '../../graphql/connection.js';
import { VersionConflict } from '../../graphql/version-conflict.js';
import { ApiKeyConnection, type ApiKeyNode } from '../keys/api-key.type.js';
import { ApiKeyReader } from '../keys/api-key-reader.js';
import { AccountStatusInput, AccountsArgs, CreateAccountInput, UpdateAccountInput } from './account.input.js';
import { AccountConnection, AccountNode, AccountPerson } from './account.type.js';
import { AccountGroupNode } from './account-group.type.js';
import { AccountGroupReader } from './account-group-reader.js';
import { AccountReader, PEOPLE_SHOWN_MAX } from './account-reader.js';
import { AccountsService } from './accounts.service.js';

const UpdateAccountResult = createUnionType({
  name: 'UpdateAccountResult',
  description: 'The changed account, or that somebody else was faster.',
  types: () => [AccountNode, VersionConflict] as const,
  resolveType: (value) => (value instanceof VersionConflict ? VersionConflict : AccountNode),
});

/** Accounts. */
@Resolver(() => AccountNode)
export class AccountsResolver {
  constructor(
    @Inject(AccountReader) private readonly reader: AccountReader,
    @Inject(AccountsService) private readonly service: AccountsService,
    @Inject(AccountGroupReader) private readonly groups: AccountGroupReader,
    @Inject(ApiKeyReader) private readonly keys: ApiKeyReader,
  ) {}

  @Query(() => AccountConnection, { description: 'Accounts; for a customer the own one.' })
  @Allow('accounts:read')
  accounts(@Args() args: AccountsArgs, @Context() context: AdminContext): Promise<Page<AccountNode>> {
    return this.reader.page(args, context.scope('accounts:read'));
  }

  @Query(() => AccountNode, { description: 'One account.' })
  @Allow('accounts:read')
  account(
    @Args('id', { type: () => ID, description: 'Its id.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<AccountNode> {
    return this.reader.get(id, context.scope('accounts:read'));
  }

  @ResolveField(() => AccountGroupNode, { description: 'What it has in common with others.' })
  @Allow('groups:read')
  group(@Parent() { groupId }: AccountNode, @Context() context: AdminContext): Promise<AccountGroupNode | undefined> {
    return this.groups.ofRow(context, groupId);
  }

  @ResolveField(() => ApiKeyConnection, { description: 'Its API keys, the newest first.' })
  @Allow('keys:read')
  apiKeys(
    @Parent() { id }: AccountNode,
    @Args() args: PageArgs,
    @Context() context: AdminContext,
  ): Promise<Page<ApiKeyNode>> {
    return this.keys.ofAccount(context, id, args);
  }

  @ResolveField(() => [AccountPerson], {
    description: `The people who sign in for it, the newest ${PEOPLE_SHOWN_MAX}.`,
  })
  @Allow('users:read')
  async users(@Parent() { id }: AccountNode, @Context() context: AdminContext): Promise<readonly AccountPerson[]> {
    const load = (ids: readonly string[]) => this.reader.peopleOf(ids);
    return (await context.loaders.load(AccountPerson, id, load)) ?? [];
  }

  @Mutation(() => AccountNode, { description: 'Makes an account. It has no quota yet.' })
  @Allow('accounts:write')
  createAccount(
    @Args('input', { description: 'The account.' }) input: CreateAccountInput,
    @Context() context: AdminContext,
  ): Promise<AccountNode> {
    return this.service.create(context, input);
  }

  @Mutation(() => UpdateAccountResult, { description: 'Changes name, group, limits or alerts of an account.' })
  @Allow('accounts:write')
  updateAccount(
    @Args('input', { description: 'The change.' }) input: UpdateAccountInput,
    @Context() context: AdminContext,
  ): Promise<AccountNode | VersionConflict> {
    return this.service.update(context, input);
  }

  @Mutation(() => AccountNode, {
    description: 'Stops an account: its keys are refused at once. Running requests go on with what they hold.',
  })
  @Allow('accounts:write')
  freezeAccount(
    @Args('input', { description: 'Which account, and why.' }) input: AccountStatusInput,
    @Context() context: AdminContext,
  ): Promise<AccountNode> {
    return this.service.freeze(context, input);
  }

  @Mutation(() => AccountNode, {
    description: 'Lets a frozen account be used again. If its books are still wrong, the next audit freezes it again.',
  })
  @Allow('accounts:write')
  unfreezeAccount(
    @Args('input', { description: 'Which account, and why.' }) input: AccountStatusInput,
    @Context() context: AdminContext,
  ): Promise<AccountNode> {
    return this.service.unfreeze(context, input);
  }

  @Mutation(() => AccountNode, {
    description:
      'Closes an account for good. Its keys are refused at once; running requests go on with what they hold. Its books and ' +
      'what is left of its quota stay as they are.',
  })
  @Allow('accounts:write')
  closeAccount(
    @Args('input', { description: 'Which account, and why.' }) input: AccountStatusInput,
    @Context() context: AdminContext,
  ): Promise<AccountNode> {
    return this.service.close(context, input);
  }
}
