import { Inject } from '@nestjs/common';
import { Args, Context, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { describePrice } from '../../../pricing/describe-price.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { ChannelNode } from '../channels/channel.type.js';
import { ChannelReader } from '../channels/channel-reader.js';
import { PriceCatalogueArgs, PricesArgs, SetPriceInput } from './price.input.js';
import {
  PriceConnection,
  PriceNode,
  PriceSuggestionConnection,
  type PriceSuggestionNode,
  SetPriceResult,
} from './price.type.js';
import { PriceEditor } from './price-editor.js';
import { PriceRatesNode, toPriceRates } from './price-rates.type.js';
import { PriceReader } from './price-reader.js';

/** Prices and what the hub suggests for them. */
@Resolver(() => PriceNode)
export class PriceResolver {
  constructor(
    @Inject(PriceReader) private readonly reader: PriceReader,
    @Inject(PriceEditor) private readonly editor: PriceEditor,
    @Inject(ChannelReader) private readonly channels: ChannelReader,
  ) {}

  @Query(() => PriceConnection, {
    description:
      'Everything that was ever said of prices, newest first. Purchase prices need the permission `costs:read`.',
  })
  @Allow('prices:read')
  prices(@Args() args: PricesArgs, @Context() context: AdminContext): Promise<Page<PriceNode>> {
    return this.reader.list(args, context.may('costs:read') ? null : 'selling');
  }

  @Query(() => PriceSuggestionConnection, { description: "Vendors' list prices, as the hub knows them." })
  @Allow('prices:read')
  priceCatalogue(@Args() args: PriceCatalogueArgs): Page<PriceSuggestionNode> {
    return this.reader.suggestions(args);
  }

  @Mutation(() => SetPriceResult, {
    description: 'States what a model costs, from now on: requests under way are charged what they began with.',
  })
  @Allow('prices:write')
  setPrice(
    @Context() context: AdminContext,
    @Args('input', { description: 'Which price.' }) input: SetPriceInput,
  ): Promise<SetPriceResult> {
    return this.editor.set(context, input);
  }

  @ResolveField(() => PriceRatesNode, {
    nullable: true,
    description: 'What it is made of; null when it takes back what its source had said.',
  })
  @Allow('prices:read')
  rates(@Parent() { price }: PriceNode): PriceRatesNode | null {
    return price === null ? null : toPriceRates(price);
  }

  @ResolveField(() => String, { description: 'The same on one line.' })
  @Allow('prices:read')
  text(@Parent() { price }: PriceNode): string {
    return price === null ? 'withdrawn' : describePrice(price);
  }

  @ResolveField(() => Boolean, {
    description: 'It is what applies now; otherwise a newer version or a stronger source counts.',
  })
  @Allow('prices:read')
  async isCurrent(@Parent() { id, modelId }: PriceNode, @Context() context: AdminContext): Promise<boolean> {
    const current = await this.reader.current(context.loaders, modelId);
    return current.some((price) => price.id === id);
  }

  @ResolveField(() => ChannelNode, { nullable: true, description: 'The channel that it is for alone.' })
  @Allow('channels:read')
  async channel(@Parent() { channelId }: PriceNode, @Context() context: AdminContext): Promise<ChannelNode | null> {
    return channelId === null ? null : this.channels.load(context.loaders, channelId);
  }
}
