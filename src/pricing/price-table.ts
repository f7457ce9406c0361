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

/** The versions of one model by channel; under undefined the one of every other channel. */
type ChannelPrices = Map<string | undefined, PriceVersion | undefined>;

/** All prices of one moment. Immutable: a request that holds it, or a version of it, sees no later change. */
export class PriceTable {
  /** By side, model and channel: a look-up builds no string, since every request makes some. */
  private readonly versions: Readonly<Record<PriceSide, ReadonlyMap<string, ChannelPrices>>>;

  /** @param nextChangeMs time until a version that is already stored begins to apply; undefined when there is none. */
  constructor(
    priced: readonly PricedModel[],
    readonly nextChangeMs?: number,
  ) {
    const versions = { selling: new Map<string, ChannelPrices>(), purchase: new Map<string, ChannelPrices>() };
    for (const { side, model, channelId, version } of priced) {
      const ofModel = versions[side].get(model) ?? new Map();
      versions[side].set(model, ofModel.set(channelId, version));
    }
    this.versions = versions;
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
    const ofModel = this.versions[side].get(model);
    if (ofModel === undefined) return undefined;
    return ofModel.get(channelId) ?? (ofModel.has(channelId) ? undefined : ofModel.get(undefined));
  }
}
