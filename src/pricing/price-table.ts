import type { PriceVersion } from './price.js';

/** What a model is sold for, and what a channel's vendor asks for it. */
export type PriceSide = 'selling' | 'purchase';

/** A version and what it prices. */
export interface PricedModel {
  readonly model: string;
  readonly side: PriceSide;
  /** Row id; undefined prices the model on every channel that has no price of its own for it. */
  readonly channelId?: string;
  /** Undefined when there is one that cannot be read: then the model has no price there, whatever its general price is. */
  readonly version: PriceVersion | undefined;
}

/** All prices of one moment. Immutable: a request that holds it, or a version of it, sees no later change. */
export class PriceTable {
  private readonly versions: ReadonlyMap<string, PriceVersion | undefined>;

  /** @param nextChangeMs time until a version that is already stored begins to apply; undefined when there is none. */
  constructor(
    priced: readonly PricedModel[],
    readonly nextChangeMs?: number,
  ) {
    this.versions = new Map(priced.map((each) => [keyOf(each.side, each.model, each.channelId), each.version]));
  }

  /** No model has a price. */
  static readonly empty = new PriceTable([]);

  /** What callers pay for a model on a channel; undefined when it has no price, so that nobody may be served. */
  selling(model: string, channelId: string): PriceVersion | undefined {
    return this.find('selling', model, channelId);
  }

  /** What the operator pays; undefined when it is not known. */
  purchase(model: string, channelId: string): PriceVersion | undefined {
    return this.find('purchase', model, channelId);
  }

  private find(side: PriceSide, model: string, channelId: string): PriceVersion | undefined {
    const own = keyOf(side, model, channelId);
    return this.versions.get(this.versions.has(own) ? own : keyOf(side, model, undefined));
  }
}

function keyOf(side: PriceSide, model: string, channelId: string | undefined): string {
  return `${side} ${channelId ?? '*'} ${model}`;
}
