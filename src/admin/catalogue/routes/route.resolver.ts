import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { ChannelNode } from '../channels/channel.type.js';
import { ChannelReader } from '../channels/channel-reader.js';
import { ModelNode } from '../models/model.type.js';
import { ModelReader } from '../models/model-reader.js';
import { PriceNode } from '../prices/price.type.js';
import { currentToNode, PriceReader, priceOn } from '../prices/price-reader.js';
import { AddRouteInput, RemoveRouteInput, RouteConnection, RouteNode, RoutesArgs } from './route.type.js';
import { RouteEditor } from './route-editor.js';
import { RouteReader } from './route-reader.js';

/** Which channels serve which models. */
@Resolver(() => RouteNode)
export class RouteResolver {
  constructor(
    @Inject(RouteReader) private readonly reader: RouteReader,
    @Inject(RouteEditor) private readonly editor: RouteEditor,
    @Inject(ChannelReader) private readonly channels: ChannelReader,
    @Inject(ModelReader) private readonly models: ModelReader,
    @Inject(PriceReader) private readonly prices: PriceReader,
  ) {}

  @Query(() => RouteConnection, { description: 'Which channels serve which models, by channel and model.' })
  @Allow('channels:read')
  routes(@Args() args: RoutesArgs): Promise<Page<RouteNode>> {
    return this.reader.list(args);
  }

  @Mutation(() => RouteNode, { description: 'Makes a channel serve a model, from the next request on.' })
  @Allow('channels:write')
  addRoute(
    @Context() context: AdminContext,
    @Args('input', { description: 'Which one.' }) input: AddRouteInput,
  ): Promise<RouteNode> {
    return this.editor.add(context, input);
  }

  @Mutation(() => RouteNode, { description: 'Ends a route; requests under way go on. Answers the route that was.' })
  @Allow('channels:write')
  removeRoute(
    @Context() context: AdminContext,
    @Args('input', { description: 'Which one.' }) input: RemoveRouteInput,
  ): Promise<RouteNode> {
    return this.editor.remove(context, input);
  }

  @ResolveField(() => ChannelNode, { nullable: true, description: 'The channel.' })
  @Allow('channels:read')
  channel(@Parent() { channelId }: RouteNode, @Context() context: AdminContext): Promise<ChannelNode | null> {
    return this.channels.load(context.loaders, channelId);
  }

  @ResolveField(() => ModelNode, { nullable: true, description: 'The model.' })
  @Allow('models:read')
  model(@Parent() { modelId }: RouteNode, @Context() context: AdminContext): Promise<ModelNode | null> {
    return this.models.load(context.loaders, modelId);
  }

  @ResolveField(() => PriceNode, {
    nullable: true,
    description: 'What callers pay on this route now; without a price it serves nobody.',
  })
  @Allow('prices:read')
  async sellingPrice(@Parent() route: RouteNode, @Context() context: AdminContext): Promise<PriceNode | null> {
    const price = priceOn(await this.prices.current(context.loaders, route.modelId), 'selling', route.channelId);
    return price === undefined ? null : currentToNode(price);
  }

  @ResolveField(() => PriceNode, { nullable: true, description: 'What the provider asks on this route now.' })
  @Allow('costs:read')
  async purchasePrice(@Parent() route: RouteNode, @Context() context: AdminContext): Promise<PriceNode | null> {
    const price = priceOn(await this.prices.current(context.loaders, route.modelId), 'purchase', route.channelId);
    return price === undefined ? null : currentToNode(price);
  }
}
