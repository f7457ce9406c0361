import { Inject } from '@nestjs/common';
import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { describePrice } from '../../../pricing/describe-price.js';
import type { PriceEffect } from '../../../reporting/price-change.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { ChannelNode } from '../channels/channel.type.js';
import { ChannelReader } from '../channels/channel-reader.js';
import { DryRunPriceInput, DryRunRouteInput } from './dry-run.input.js';
import {
  DryRunAccount,
  DryRunChannel,
  DryRunModel,
  DryRunPriceNode,
  DryRunPurchase,
  DryRunRouteNode,
} from './dry-run.type.js';
import { PriceDryRun, type PriceDryRunResult } from './price-dry-run.js';
import type { WantedChange } from './price-overlay.js';
import { RouteDryRun, type RouteDryRunResult } from './route-dry-run.js';

/** What changes would have done to past traffic. */
@Resolver(() => DryRunChannel)
export class DryRunResolver {
  constructor(
    @Inject(PriceDryRun) private readonly prices: PriceDryRun,
    @Inject(RouteDryRun) private readonly routes: RouteDryRun,
    @Inject(ChannelReader) private readonly channels: ChannelReader,
  ) {}

  @Query(() => DryRunPriceNode, {
    description: 'What other prices would have made of past traffic. Changes nothing. One at a time.',
  })
  @Allow('prices:read')
  async dryRunPrice(
    @Args('input', { description: 'Which prices, and by which traffic.' }) input: DryRunPriceInput,
  ): Promise<DryRunPriceNode> {
    return toPriceNode(await this.prices.run(input));
  }

  @Query(() => DryRunRouteNode, {
    description: 'What other routes would have made of past traffic. Changes nothing. One at a time.',
  })
  @Allow('channels:read')
  async dryRunRoute(
    @Args('input', { description: 'Which routes, and by which traffic.' }) input: DryRunRouteInput,
  ): Promise<DryRunRouteNode> {
    return toRouteNode(await this.routes.run(input));
  }

  @ResolveField(() => ChannelNode, { nullable: true, description: 'The channel.' })
  @Allow('channels:read')
  channel(@Parent() { channelId }: DryRunChannel, @Context() context: AdminContext): Promise<ChannelNode | null> {
    return this.channels.load(context.loaders, channelId);
  }
}

function toPriceNode({ selling, purchase, hidden }: PriceDryRunResult): DryRunPriceNode {
  const { from, to, total, models, accounts, requestsUncertain } = selling;
  return Object.assign(new DryRunPriceNode(), {
    ...{ from, to, requestsUncertain, ...effectFields(total) },
    isComplete: selling.isComplete && purchase?.isComplete !== false,
    requestsRead: selling.requestsRead + (purchase?.requestsRead ?? 0),
    perModel: models.map(({ model, ...effect }) =>
      Object.assign(new DryRunModel(), { modelId: model, ...effectFields(effect) }),
    ),
    topAccounts: accounts.map(({ accountId, ...effect }) =>
      Object.assign(new DryRunAccount(), { accountId, ...effectFields(effect) }),
    ),
    purchase: purchase === undefined ? null : Object.assign(new DryRunPurchase(), effectFields(purchase)),
    notes: hidden.map(toNote),
  });
}

function effectFields({ requests, cost, newCost, difference }: PriceEffect) {
  return { requests, chargedCost: cost, newCost, difference };
}

function toNote({ modelId, side, channelId, price }: WantedChange): string {
  const place = channelId === undefined ? '' : ` on channel ${channelId}`;
  return (
    `The ${side} price of "${modelId}"${place} is stated by HUB_CONFIG, which counts more than operators' word: ` +
    `${describePrice(price)} would have no effect.`
  );
}

function toRouteNode(result: RouteDryRunResult): DryRunRouteNode {
  const { from, to, isComplete, requestsRead, requests, withoutChannelBefore, withoutChannelAfter } = result;
  const shareOf = (part: number): number => (requests === 0 ? 0 : part / requests);
  return Object.assign(new DryRunRouteNode(), {
    ...{ from, to, isComplete, requestsRead, withoutChannelBefore, withoutChannelAfter },
    channels: result.channels.map(({ channelId, served, before, after }) =>
      Object.assign(new DryRunChannel(), {
        channelId,
        requestsServed: served,
        requestsBefore: before,
        requestsAfter: after,
        shareBefore: shareOf(before),
        shareAfter: shareOf(after),
      }),
    ),
    purchaseCostBefore: result.costBefore,
    purchaseCostAfter: result.costAfter,
    purchaseCostDifference: result.costAfter - result.costBefore,
    requestsWithoutPurchasePrice: result.requestsUnpriced,
  });
}
