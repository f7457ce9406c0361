import { Inject } from '@nestjs/common';
import { Args, Query, Resolver } from '@nestjs/graphql';
import { callbackOf } from '../../../providers/callback-of.js';
import type { Provider } from '../../../providers/provider.js';
import { ProviderRegistry } from '../../../providers/provider-registry.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { checkSearch } from '../check-input.js';
import { pageOfList } from '../page-of-list.js';
import { type Operation, OperationEnum, ProviderConnection, ProviderNode, ProvidersArgs } from './provider.type.js';

/** The services that the hub knows how to speak to. */
@Resolver(() => ProviderNode)
export class ProviderResolver {
  constructor(@Inject(ProviderRegistry) private readonly registry: ProviderRegistry) {}

  @Query(() => ProviderConnection, {
    description: 'Vendors and kinds of servers that channels can lead to, in the order of the documentation.',
  })
  @Allow('channels:read')
  providers(@Args() args: ProvidersArgs): Page<ProviderNode> {
    const search = checkSearch(args.filter?.search)?.toLowerCase() ?? '';
    const operation = args.filter?.operation ?? undefined;
    const wanted = this.registry
      .list()
      .filter((one) => operation === undefined || has(one, operation))
      .filter(({ id, name }) => id.toLowerCase().includes(search) || name.toLowerCase().includes(search));
    return pageOfList(args, wanted, toProviderNode);
  }
}

function toProviderNode(provider: Provider): ProviderNode {
  const { environment, video } = provider;
  return Object.assign(new ProviderNode(), {
    id: provider.id,
    name: provider.name,
    baseUrl: provider.baseUrl ?? null,
    isCredentialRequired: provider.isCredentialRequired !== false,
    operations: Object.values(OperationEnum).filter((name) => has(provider, name)),
    defaultModels: [...provider.defaultModels],
    environmentVariables: [
      ...(environment?.apiKey ?? []),
      ...(environment?.apiKeyPair ?? []),
      ...(environment?.baseUrl ?? []),
    ],
    hasModelList: provider.modelList !== undefined,
    hasSignedCallbacks: callbackOf(provider) !== undefined,
    videoNote: video?.note ?? null,
  });
}

/** Pictures are one operation to whoever asks for them, whether or not a task makes them. */
function has(provider: Provider, operation: Operation): boolean {
  if (operation === 'images' && provider.imageTasks !== undefined) return true;
  return provider[operation] !== undefined;
}
