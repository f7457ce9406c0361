import { Field, GraphQLISODateTime, ID, ObjectType } from '@nestjs/graphql';
import type { DeclaredPrice } from '../../../common/declared-price.js';
import type { PriceSide } from '../../../pricing/price-table.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection } from '../../graphql/connection.js';
import { PriceSideEnum } from './price.input.js';
import { PriceRatesNode } from './price-rates.type.js';

/** A price version as it is stored. */
export interface StoredPriceVersion {
  readonly id: string;
  readonly modelId: string;
  readonly channelId: string | null;
  readonly side: PriceSide;
  readonly source: string;
  /** null withdraws what the source had said. */
  readonly price: DeclaredPrice | null;
  readonly effectiveFrom: Date;
}

/** A price version in the schema. */
@ObjectType('Price', {
  description: 'What one source said of a price at some moment. It never changes: a new price is a new version.',
})
@Allow('prices:read')
export class PriceNode implements StoredPriceVersion {
  @Field(() => ID, { description: 'Usage names the version that it was charged by.' })
  id!: string;

  @Field(() => ID, { description: 'Public name of the model.' })
  modelId!: string;

  @Field(() => ID, {
    nullable: true,
    description: 'The channel that it is for alone; null for every channel without a price of its own.',
  })
  channelId!: string | null;

  @Field(() => PriceSideEnum, { description: 'Who pays it.' })
  side!: PriceSide;

  @Field(() => String, {
    description:
      'Who said it: `config`, `operator`, `environment` or `sandbox`, strongest first; a detail may follow a colon.',
  })
  source!: string;

  @Field(() => GraphQLISODateTime, { description: 'From when on it applies.' })
  effectiveFrom!: Date;

  /** Shown field by field. */
  price!: DeclaredPrice | null;
}

/** A stored version as a node of the schema. */
export function toPriceNode(version: StoredPriceVersion): PriceNode {
  return Object.assign(new PriceNode(), version);
}

/** A page of {@link PriceNode}. */
@ObjectType({ description: 'A page of prices.' })
@Allow('prices:read')
export class PriceConnection extends Connection(PriceNode, 'Price') {}

/** A suggestion in the schema. */
@ObjectType('PriceSuggestion', {
  description: "A vendor's list price, to start from: part of the hub, and used for nothing until somebody says so.",
})
@Allow('prices:read')
export class PriceSuggestionNode {
  @Field(() => [String], { description: 'Names of models that have this price.' })
  models!: string[];

  @Field(() => String, { nullable: true, description: 'Only what this provider serves costs this.' })
  provider!: string | null;

  @Field(() => PriceRatesNode, { description: 'US dollars, taken for credits.' })
  rates!: PriceRatesNode;

  @Field(() => String, { description: 'The same on one line.' })
  text!: string;

  @Field(() => String, { description: 'Where it was read.' })
  source!: string;

  @Field(() => String, { description: 'When, as `2026-11`.' })
  asOf!: string;

  @Field(() => String, { nullable: true, description: 'What else is to be known.' })
  note!: string | null;
}

/** A page of {@link PriceSuggestionNode}. */
@ObjectType({ description: 'A page of suggestions.' })
@Allow('prices:read')
export class PriceSuggestionConnection extends Connection(PriceSuggestionNode, 'PriceSuggestion') {}

/** What stating a price came to. */
@ObjectType({ description: 'What stating a price came to.' })
@Allow('prices:read')
export class SetPriceResult {
  @Field(() => Boolean, { description: 'False when operators had said exactly this already.' })
  isChanged!: boolean;

  @Field(() => PriceNode, {
    nullable: true,
    description: 'What applies now to this model, side and channel; null when nobody says anything about just these.',
  })
  applies!: PriceNode | null;

  @Field(() => String, { description: 'What happened, for people; also when a stronger source hides what was stated.' })
  message!: string;
}
