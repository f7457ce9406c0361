import { ArgsType, Field, ID, InputType, Int, registerEnumType } from '@nestjs/graphql';
import type { PriceSide } from '../../../pricing/price-table.js';
import { PageArgs } from '../../graphql/connection.js';

/** {@link PriceSide} in the schema. */
export const PriceSideEnum = { SELLING: 'selling', PURCHASE: 'purchase' } as const satisfies Readonly<
  Record<string, PriceSide>
>;

registerEnumType(PriceSideEnum, {
  name: 'PriceSide',
  description: 'Who pays a price.',
  valuesMap: {
    SELLING: { description: 'What callers pay, before the factor of their group.' },
    PURCHASE: { description: 'What the provider asks of the operator; it decides the margin only.' },
  },
});

/** Rates of tokens. */
@InputType({ isAbstract: true })
abstract class TokenRatesInput {
  @Field(() => String, { nullable: true, description: 'A million prompt tokens.' })
  inputPerMillion?: string | null;

  @Field(() => String, { nullable: true, description: 'A million generated tokens.' })
  outputPerMillion?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A million prompt tokens from a cache; as other input when left out.',
  })
  cachedInputPerMillion?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A million prompt tokens written to a cache; as other input when left out.',
  })
  cacheWritePerMillion?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'A million tokens of hidden reasoning; as other output when left out.',
  })
  reasoningPerMillion?: string | null;
}

/** The price of a picture. */
@InputType({ description: 'The price of a picture that matches in all that the entry names.' })
export class ImagePriceInput {
  @Field(() => String, { nullable: true, description: 'Such as `1024x1024`; left out for any.' })
  size?: string | null;

  @Field(() => String, { nullable: true, description: 'Such as `hd`; left out for any.' })
  quality?: string | null;

  @Field(() => String, { description: 'Credits for one picture.' })
  price!: string;
}

/** The price of a second of a video. */
@InputType({ description: 'The price of a second of a video that matches in all that the entry names.' })
export class VideoPriceInput {
  @Field(() => String, { nullable: true, description: 'Such as `720p`; left out for any.' })
  resolution?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it has sound; left out for either.' })
  audio?: boolean | null;

  @Field(() => String, { description: 'Credits for one second.' })
  price!: string;
}

/** Rates of long prompts. */
@InputType({
  description: 'Rates of a request whose prompt is longer than this; what it does not name is as in the price itself.',
})
export class PriceTierInput extends TokenRatesInput {
  @Field(() => Int, { description: 'Prompts with more tokens than this.' })
  aboveInputTokens!: number;
}

/** Rates of a service tier. */
@InputType({
  description: 'Rates of a request that was served in a service tier; what it does not name is as in the price itself.',
})
export class ServiceTierPriceInput extends TokenRatesInput {
  @Field(() => String, { description: 'What requests and answers call it, such as `priority` or `flex`.' })
  name!: string;

  @Field(() => [PriceTierInput], {
    nullable: true,
    description:
      'Its rates for long prompts; left out, each is the dearer of its own rate and that of the price for such prompts.',
  })
  tiers?: PriceTierInput[] | null;
}

/** A whole price. */
@InputType({
  description:
    'A whole price: credits as decimal strings such as "2.5". What is not named costs nothing; what is named adds up. "0" is free.',
})
export class PriceInput extends TokenRatesInput {
  @Field(() => String, { nullable: true, description: 'Each request.' })
  perRequest?: string | null;

  @Field(() => String, { nullable: true, description: 'A second of sound that is listened to.' })
  perAudioSecond?: string | null;

  @Field(() => String, { nullable: true, description: 'A million characters that are spoken.' })
  perMillionCharacters?: string | null;

  @Field(() => String, { nullable: true, description: 'A search, as providers of reranking count them.' })
  perSearch?: string | null;

  @Field(() => [ImagePriceInput], {
    nullable: true,
    description: 'Pictures; exactly one entry names neither size nor quality, for all others.',
  })
  perImage?: ImagePriceInput[] | null;

  @Field(() => [VideoPriceInput], {
    nullable: true,
    description: 'Seconds of videos; exactly one entry names neither resolution nor audio, for all others.',
  })
  perVideoSecond?: VideoPriceInput[] | null;

  @Field(() => [PriceTierInput], { nullable: true, description: 'Other rates for long prompts.' })
  tiers?: PriceTierInput[] | null;

  @Field(() => [ServiceTierPriceInput], { nullable: true, description: 'Other rates by service tier.' })
  serviceTiers?: ServiceTierPriceInput[] | null;
}

/** Which price is stated. */
@InputType({ description: 'Which price is stated: exactly one of `price`, `suggested` and `withdraw`.' })
export class SetPriceInput {
  @Field(() => ID, { description: 'Public name of the model.' })
  modelId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'On this channel alone; without it on every channel that has no price of its own.',
  })
  channelId?: string | null;

  @Field(() => PriceSideEnum, { defaultValue: 'selling', description: 'Who pays it.' })
  side: PriceSide = 'selling';

  @Field(() => PriceInput, { nullable: true, description: 'The whole price.' })
  price?: PriceInput | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: "Takes the catalogue's suggestion: the vendor's list price, in dollars for credits.",
  })
  suggested: boolean = false;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Takes back what operators have said, so that a weaker source counts again.',
  })
  withdraw: boolean = false;
}

/** Which prices are wanted. */
@InputType({ description: 'Which prices are wanted; what is left out does not matter.' })
export class PriceFilter {
  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string | null;

  @Field(() => ID, { nullable: true, description: 'On this channel alone.' })
  channelId?: string | null;

  @Field(() => PriceSideEnum, { nullable: true, description: 'Who pays them.' })
  side?: PriceSide | null;
}

/** Arguments of `prices`. */
@ArgsType()
export class PricesArgs extends PageArgs {
  @Field(() => PriceFilter, { nullable: true, description: 'Which ones; all without it.' })
  filter?: PriceFilter | null;
}

/** Arguments of `priceCatalogue`. */
@ArgsType()
export class PriceCatalogueArgs extends PageArgs {
  @Field(() => String, {
    nullable: true,
    description: 'Only entries with a model or provider that has this text in its name.',
  })
  search?: string | null;
}
