import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { DeclaredPrice, DeclaredRates } from '../../../common/declared-price.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { ShortList } from '../../graphql/short-list.decorator.js';

/** Rates of tokens. */
@ObjectType({ isAbstract: true })
abstract class TokenRatesNode implements DeclaredRates {
  @Field(() => String, { nullable: true, description: 'A million prompt tokens.' })
  inputPerMillion?: string;

  @Field(() => String, { nullable: true, description: 'A million generated tokens.' })
  outputPerMillion?: string;

  @Field(() => String, {
    nullable: true,
    description: 'A million prompt tokens from a cache; as other input when null.',
  })
  cachedInputPerMillion?: string;

  @Field(() => String, {
    nullable: true,
    description: 'A million prompt tokens written to a cache; as other input when null.',
  })
  cacheWritePerMillion?: string;

  @Field(() => String, {
    nullable: true,
    description: 'A million tokens of hidden reasoning; as other output when null.',
  })
  reasoningPerMillion?: string;
}

/** The price of a picture. */
@ObjectType({ description: 'The price of a picture that matches in all that the entry names.' })
@Allow('prices:read')
export class ImagePrice {
  @Field(() => String, { nullable: true, description: 'Such as `1024x1024`; null for any.' })
  size?: string;

  @Field(() => String, { nullable: true, description: 'Such as `hd`; null for any.' })
  quality?: string;

  @Field(() => String, { description: 'Credits for one picture.' })
  price!: string;
}

/** The price of a second of a video. */
@ObjectType({ description: 'The price of a second of a video that matches in all that the entry names.' })
@Allow('prices:read')
export class VideoPrice {
  @Field(() => String, { nullable: true, description: 'Such as `720p`; null for any.' })
  resolution?: string;

  @Field(() => Boolean, { nullable: true, description: 'Whether it has sound; null for either.' })
  audio?: boolean;

  @Field(() => String, { description: 'Credits for one second.' })
  price!: string;
}

/** Rates of long prompts. */
@ObjectType({ description: 'Rates of a request whose prompt is longer than this; they hold for the whole of it.' })
@Allow('prices:read')
export class PriceTierNode extends TokenRatesNode {
  @Field(() => Int, { description: 'Prompts with more tokens than this.' })
  aboveInputTokens!: number;
}

/** Rates of a service tier. */
@ObjectType({
  description: 'Rates of a request that was served in a service tier; those that are null are as in the price itself.',
})
@Allow('prices:read')
export class ServiceTierPrice extends TokenRatesNode {
  @Field(() => String, { description: 'What requests and answers call it, such as `priority` or `flex`.' })
  name!: string;

  @ShortList()
  @Field(() => [PriceTierNode], {
    nullable: true,
    description:
      'Its rates for long prompts; null: each is the dearer of its own rate and that of the price for such prompts.',
  })
  tiers!: PriceTierNode[] | null;
}

/** What a price is made of. */
@ObjectType('PriceRates', {
  description:
    'What a price is made of: credits as decimal strings. What is not named costs nothing; what is named adds up.',
})
@Allow('prices:read')
export class PriceRatesNode extends TokenRatesNode {
  @Field(() => String, { nullable: true, description: 'Each request.' })
  perRequest?: string;

  @Field(() => String, { nullable: true, description: 'A second of sound that is listened to.' })
  perAudioSecond?: string;

  @Field(() => String, { nullable: true, description: 'A million characters that are spoken.' })
  perMillionCharacters?: string;

  @Field(() => String, { nullable: true, description: 'A search, as providers of reranking count them.' })
  perSearch?: string;

  @Field(() => [ImagePrice], { description: 'Pictures; empty when they cost nothing.' })
  perImage!: ImagePrice[];

  @Field(() => [VideoPrice], { description: 'Seconds of videos; empty when they cost nothing.' })
  perVideoSecond!: VideoPrice[];

  @ShortList()
  @Field(() => [PriceTierNode], { description: 'Other rates for long prompts.' })
  tiers!: PriceTierNode[];

  @ShortList()
  @Field(() => [ServiceTierPrice], {
    description: 'Other rates by service tier; a request in any other pays these here.',
  })
  serviceTiers!: ServiceTierPrice[];
}

/** A price as the schema shows it: one price for all pictures is a list with one entry. */
export function toPriceRates({
  perImage,
  perVideoSecond,
  tiers,
  serviceTiers,
  ...rates
}: DeclaredPrice): PriceRatesNode {
  return Object.assign(new PriceRatesNode(), rates, {
    perImage: toList(perImage),
    perVideoSecond: toList(perVideoSecond),
    tiers: [...(tiers ?? [])],
    serviceTiers: Object.entries(serviceTiers ?? {}).map(([name, tier]) =>
      Object.assign(new ServiceTierPrice(), tier, { name, tiers: tier.tiers === undefined ? null : [...tier.tiers] }),
    ),
  });
}

function toList<Entry extends { readonly price: string }>(prices: string | readonly Entry[] | undefined) {
  return typeof prices === 'string' ? [{ price: prices }] : [...(prices ?? [])];
}
