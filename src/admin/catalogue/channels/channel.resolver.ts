import { Inject } from '@nestjs/common';
import { Args, Context, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { ProviderRegistry } from '../../../providers/provider-registry.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { RouteNode } from '../routes/route.type.js';
import { ROUTES_SHOWN_MAX, RouteReader } from '../routes/route-reader.js';
import { ChannelsArgs } from './channel.input.js';
import { ChannelConnection, ChannelNode, ChannelRest, type ChannelStatus, ChannelStatusEnum } from './channel.type.js';
import { ChannelReader } from './channel-reader.js';
import { ChannelStates } from './channel-state.js';

/** Channels as operators see them. */
@Resolver(() => ChannelNode)
export class ChannelResolver {
  constructor(
    @Inject(ChannelReader) private readonly reader: ChannelReader,
    @Inject(ChannelStates) private readonly states: ChannelStates,
    @Inject(RouteReader) private readonly routeReader: RouteReader,
    @Inject(ProviderRegistry) private readonly providers: ProviderRegistry,
  ) {}

  @Query(() => ChannelConnection, { description: 'Upstream services.' })
  @Allow('channels:read')
  channels(@Args() args: ChannelsArgs): Promise<Page<ChannelNode>> {
    return this.reader.list(args);
  }

  @Query(() => ChannelNode, { description: 'One channel, also one that was removed.' })
  @Allow('channels:read')
  channel(@Args('id', { type: () => ID, description: 'Which channel.' }) id: string): Promise<ChannelNode> {
    return this.reader.get(id);
  }

  @ResolveField(() => ChannelStatusEnum, { description: 'What it is doing at this moment.' })
  @Allow('channels:read')
  status(@Parent() channel: ChannelNode): ChannelStatus {
    return this.states.stateOf(channel).status;
  }

  @ResolveField(() => String, { nullable: true, description: 'Why it rests or cannot be used, for people.' })
  @Allow('channels:read')
  statusReason(@Parent() channel: ChannelNode): string | null {
    return this.states.stateOf(channel).reason;
  }

  @ResolveField(() => [ChannelRest], { description: 'Times during which it, or a model of it, is left alone.' })
  @Allow('channels:read')
  rests(@Parent() channel: ChannelNode): ChannelRest[] {
    return this.states.restsOf(channel);
  }

  @ResolveField(() => String, {
    nullable: true,
    description: 'Where requests go: its own address or that of its provider.',
  })
  @Allow('channels:read')
  effectiveBaseUrl(@Parent() channel: ChannelNode): string | null {
    return channel.baseUrl ?? this.providers.get(channel.provider)?.baseUrl ?? null;
  }

  @ResolveField(() => [RouteNode], {
    description: `The models it serves, by name, at most ${ROUTES_SHOWN_MAX}; the query \`routes\` pages through all.`,
  })
  @Allow('channels:read')
  routes(@Parent() channel: ChannelNode, @Context() context: AdminContext): Promise<RouteNode[]> {
    return this.routeReader.ofChannel(context.loaders, channel.id);
  }
}
