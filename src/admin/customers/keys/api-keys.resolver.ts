import { Inject } from '@nestjs/common';
import { Args, Context, createUnionType, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { VersionConflict } from '../../graphql/version-conflict.js';
import { AccountNode } from '../accounts/account.type.js';
import { AccountReader } from '../accounts/account-reader.js';
import {
  ApiKeysArgs,
  CreateApiKeyInput,
  RemoveKeyBudgetInput,
  RevokeApiKeyInput,
  RotateApiKeyInput,
  SetKeyBudgetInput,
  UpdateApiKeyInput,
} from './api-key.input.js';
import { ApiKeyConnection, ApiKeyNode, ApiKeyWithSecret, KeyBudgetNode } from './api-key.type.js';
import { ApiKeyReader } from './api-key-reader.js';
import { ApiKeysService } from './api-keys.service.js';
import { KeyBudgetsService } from './key-budgets.service.js';

const UpdateApiKeyResult = createUnionType({
  name: 'UpdateApiKeyResult',
  description: 'The changed key, or that somebody else was faster.',
  types: () => [ApiKeyNode, VersionConflict] as const,
  resolveType: (value) => (value instanceof VersionConflict ? VersionConflict : ApiKeyNode),
});

/** API keys. */
@Resolver(() => ApiKeyNode)
export class ApiKeysResolver {
  constructor(
    @Inject(ApiKeyReader) private readonly reader: ApiKeyReader,
    @Inject(AccountReader) private readonly accounts: AccountReader,
    @Inject(ApiKeysService) private readonly service: ApiKeysService,
    @Inject(KeyBudgetsService) private readonly budgetsService: KeyBudgetsService,
  ) {}

  @Query(() => ApiKeyConnection, {
    description: 'API keys, the newest first; for a customer those of the own account.',
  })
  @Allow('keys:read')
  apiKeys(@Args() args: ApiKeysArgs, @Context() context: AdminContext): Promise<Page<ApiKeyNode>> {
    return this.reader.page(args, context.scope('keys:read'));
  }

  @Query(() => ApiKeyNode, { description: 'One API key.' })
  @Allow('keys:read')
  apiKey(
    @Args('id', { type: () => ID, description: 'Its id.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<ApiKeyNode> {
    return this.reader.get(id, context.scope('keys:read'));
  }

  @ResolveField(() => AccountNode, { description: 'The account that pays.' })
  @Allow('accounts:read')
  account(@Parent() { accountId }: ApiKeyNode, @Context() context: AdminContext): Promise<AccountNode | undefined> {
    return this.accounts.ofRow(context, accountId);
  }

  @ResolveField(() => [KeyBudgetNode], { description: 'What it may spend; none when only the balance counts.' })
  @Allow('keys:read')
  budgets(@Parent() { id }: ApiKeyNode, @Context() context: AdminContext): Promise<readonly KeyBudgetNode[]> {
    return this.reader.budgetsOf(context, id);
  }

  @Mutation(() => ApiKeyWithSecret, { description: 'Makes an API key and shows its secret, this once.' })
  @Allow('keys:write')
  createApiKey(
    @Args('input', { description: 'The key.' }) input: CreateApiKeyInput,
    @Context() context: AdminContext,
  ): Promise<ApiKeyWithSecret> {
    return this.service.create(context, input);
  }

  @Mutation(() => UpdateApiKeyResult, {
    description: 'Changes what an API key may do. It counts from the next request on.',
  })
  @Allow('keys:write')
  updateApiKey(
    @Args('input', { description: 'The change.' }) input: UpdateApiKeyInput,
    @Context() context: AdminContext,
  ): Promise<ApiKeyNode | VersionConflict> {
    return this.service.update(context, input);
  }

  @Mutation(() => ApiKeyWithSecret, {
    description: 'Replaces the secret of an API key and shows the new one, this once. Budgets, limits and usage go on.',
  })
  @Allow('keys:write')
  rotateApiKey(
    @Args('input', { description: 'Which key, and for how long the old secret goes on.' }) input: RotateApiKeyInput,
    @Context() context: AdminContext,
  ): Promise<ApiKeyWithSecret> {
    return this.service.rotate(context, input);
  }

  @Mutation(() => ApiKeyNode, { description: 'Ends an API key for good. Requests that are running are not cut off.' })
  @Allow('keys:write')
  revokeApiKey(
    @Args('input', { description: 'Which key.' }) input: RevokeApiKeyInput,
    @Context() context: AdminContext,
  ): Promise<ApiKeyNode> {
    return this.service.revoke(context, input);
  }

  @Mutation(() => ApiKeyNode, { description: 'Sets what an API key may spend in a period.' })
  @Allow('keys:write')
  setKeyBudget(
    @Args('input', { description: 'The budget.' }) input: SetKeyBudgetInput,
    @Context() context: AdminContext,
  ): Promise<ApiKeyNode> {
    return this.budgetsService.set(context, input);
  }

  @Mutation(() => ApiKeyNode, {
    description: 'Removes a budget of an API key: then only the others and the balance count.',
  })
  @Allow('keys:write')
  removeKeyBudget(
    @Args('input', { description: 'Which budget.' }) input: RemoveKeyBudgetInput,
    @Context() context: AdminContext,
  ): Promise<ApiKeyNode> {
    return this.budgetsService.remove(context, input);
  }
}
