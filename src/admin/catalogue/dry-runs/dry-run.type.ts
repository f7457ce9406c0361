import { Field, Float, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import { Allow } from '../../graphql/allow.decorator.js';
import { Count, Credits } from '../../graphql/scalars.js';

/** How much of the traffic was looked at. */
@ObjectType({ isAbstract: true })
abstract class DryRunNode {
  @Field(() => GraphQLISODateTime, { description: 'Requests that began at this time or later,' })
  from!: Date;

  @Field(() => GraphQLISODateTime, { description: 'and before this one.' })
  to!: Date;

  @Field(() => Boolean, {
    description: 'False when there were more requests than may be read: the figures are those of the oldest.',
  })
  isComplete!: boolean;

  @Field(() => Count, { description: 'Requests that were read.' })
  requestsRead!: number;
}

/** Costs before and after. */
@ObjectType({ isAbstract: true })
abstract class EffectNode {
  @Field(() => Count, { description: 'Requests.' })
  requests!: bigint;

  @Field(() => Credits, { description: 'What they cost.' })
  chargedCost!: bigint;

  @Field(() => Credits, { description: 'What they would have cost.' })
  newCost!: bigint;

  @Field(() => Credits, { description: 'The new cost less the old one.' })
  difference!: bigint;
}

/** What a change does to a model. */
@ObjectType({ description: 'What a change of prices does to the requests for one model.' })
@Allow('prices:read')
export class DryRunModel extends EffectNode {
  @Field(() => ID, { description: 'Public name of the model.' })
  modelId!: string;
}

/** What a change does to an account. */
@ObjectType({ description: 'What a change of prices does to one account.' })
@Allow('accounts:read')
export class DryRunAccount extends EffectNode {
  @Field(() => ID, { description: 'Which account.' })
  accountId!: string;
}

/** What a change does to what the operator pays. */
@ObjectType({ description: 'What a change of purchase prices does to what the operator pays.' })
@Allow('costs:read')
export class DryRunPurchase extends EffectNode {}

/** What a change of prices would have done. */
@ObjectType('DryRunPrice', {
  description:
    'What other prices would have made of past traffic, request by request, by the function that prices live traffic.',
})
@Allow('prices:read')
export class DryRunPriceNode extends DryRunNode {
  @Field(() => Count, { description: 'Requests for the models whose selling price would change.' })
  requests!: bigint;

  @Field(() => Credits, { description: 'What callers paid for them.' })
  chargedCost!: bigint;

  @Field(() => Credits, { description: 'What they would have paid.' })
  newCost!: bigint;

  @Field(() => Credits, { description: 'The new cost less the old one.' })
  difference!: bigint;

  @Field(() => Count, {
    description:
      'Requests whose new cost is not certain, because usage does not say what the new price depends on, such as the size of pictures.',
  })
  requestsUncertain!: bigint;

  @Field(() => [DryRunModel], { description: 'The same for each model.' })
  perModel!: DryRunModel[];

  @Field(() => [DryRunAccount], { description: 'The ten accounts whose costs change most, up or down.' })
  @Allow('accounts:read')
  topAccounts!: DryRunAccount[];

  @Field(() => DryRunPurchase, {
    nullable: true,
    description: 'What the operator would have paid; null when no purchase price changes.',
  })
  @Allow('costs:read')
  purchase!: DryRunPurchase | null;

  @Field(() => [String], {
    description: 'Changes that would have no effect, because a stronger source states these prices.',
  })
  notes!: string[];
}

/** What a change of routes does to a channel. */
@ObjectType({ description: 'What a change of routes does to one channel.' })
@Allow('channels:read')
export class DryRunChannel {
  @Field(() => ID, { description: 'Which channel.' })
  channelId!: string;

  @Field(() => Count, { description: 'Requests that really ended there.' })
  requestsServed!: number;

  @Field(() => Count, { description: 'Requests that are tried there first as the routes are now.' })
  requestsBefore!: number;

  @Field(() => Count, { description: 'Requests that would be tried there first.' })
  requestsAfter!: number;

  @Field(() => Float, { description: 'Its share of the requests now, from 0 to 1.' })
  shareBefore!: number;

  @Field(() => Float, { description: 'Its share of the requests then, from 0 to 1.' })
  shareAfter!: number;
}

/** What a change of routes would have done. */
@ObjectType('DryRunRoute', {
  description:
    'What other routes would have made of past traffic, by the rules that live traffic is routed by: where requests are tried first, when no channel rests.',
})
@Allow('channels:read')
export class DryRunRouteNode extends DryRunNode {
  @Field(() => [DryRunChannel], { description: 'Channels that served, serve or would serve the model.' })
  channels!: DryRunChannel[];

  @Field(() => Int, { description: 'Requests that have no able channel with a price as the routes are now.' })
  withoutChannelBefore!: number;

  @Field(() => Int, { description: 'Requests that would have none.' })
  withoutChannelAfter!: number;

  @Field(() => Credits, {
    description: 'What the operator would pay for these requests as the routes are now, at the purchase prices of now.',
  })
  @Allow('costs:read')
  purchaseCostBefore!: bigint;

  @Field(() => Credits, { description: 'What the operator would pay then.' })
  @Allow('costs:read')
  purchaseCostAfter!: bigint;

  @Field(() => Credits, { description: 'The latter less the former.' })
  @Allow('costs:read')
  purchaseCostDifference!: bigint;

  @Field(() => Int, {
    description: 'Charged requests that are left out of these costs, because a channel has no purchase price.',
  })
  @Allow('costs:read')
  requestsWithoutPurchasePrice!: number;
}
