import { Field, GraphQLISODateTime, ID, InputType, Int } from '@nestjs/graphql';
import type { PriceSide } from '../../../pricing/price-table.js';
import { PriceInput, PriceSideEnum } from '../prices/price.input.js';

/** When the traffic of a dry run was. */
@InputType({ isAbstract: true })
abstract class SpanInput {
  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description:
      'Requests that began at this time or later. Without it the last full day of UTC; at most 31 days before `to`.',
  })
  from?: Date | null;

  @Field(() => GraphQLISODateTime, {
    nullable: true,
    description: 'Requests that began before this time; without it all until now.',
  })
  to?: Date | null;
}

/** One price that would be stated. */
@InputType({ description: 'One price that would be stated; see `setPrice`.' })
export class PriceChangeInput {
  @Field(() => ID, { description: 'Public name of the model.' })
  modelId!: string;

  @Field(() => PriceSideEnum, { defaultValue: 'selling', description: 'Who pays it.' })
  side: PriceSide = 'selling';

  @Field(() => ID, {
    nullable: true,
    description: 'On this channel alone; without it on every channel that has no price of its own.',
  })
  channelId?: string | null;

  @Field(() => PriceInput, { description: 'The whole price.' })
  price!: PriceInput;
}

/** Which prices would be stated. */
@InputType({ description: 'Which prices would be stated, and by which traffic that is judged.' })
export class DryRunPriceInput extends SpanInput {
  @Field(() => [PriceChangeInput], { description: 'At most 50.' })
  changes!: PriceChangeInput[];
}

/** One channel that would serve otherwise. */
@InputType({ description: 'How one channel would serve the model; what is left out stays as it is.' })
export class RouteChangeInput {
  @Field(() => ID, { description: 'Which channel; it may be switched off, and be without a route.' })
  channelId!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'True: it serves the model, also when it has no route or is switched off. False: it does not.',
  })
  isServed?: boolean | null;

  @Field(() => String, { nullable: true, description: "The upstream's name of the model." })
  upstreamModel?: string | null;

  @Field(() => Int, { nullable: true, description: 'Its priority.' })
  priority?: number | null;

  @Field(() => Int, { nullable: true, description: 'Its weight.' })
  weight?: number | null;
}

/** Which routes would be others. */
@InputType({ description: 'Which routes of a model would be others, and by which traffic that is judged.' })
export class DryRunRouteInput extends SpanInput {
  @Field(() => ID, { description: 'Public name of the model.' })
  modelId!: string;

  @Field(() => [RouteChangeInput], { description: 'At most 50, each for another channel.' })
  changes!: RouteChangeInput[];
}
