import type { DeclaredPrice } from '../../../common/declared-price.js';
import type { StoredPrice } from '../../../pricing/current-prices.js';
import { parsePrice } from '../../../pricing/parse-price.js';
import type { Price } from '../../../pricing/price.js';
import { strengthOf } from '../../../pricing/price-source.js';
import type { PriceSide } from '../../../pricing/price-table.js';

const OPERATOR_STRENGTH = strengthOf('operator');

/** A price that operators would state. */
export interface WantedChange {
  readonly modelId: string;
  readonly side: PriceSide;
  /** Undefined: on every channel without a price of its own. */
  readonly channelId: string | undefined;
  readonly price: DeclaredPrice;
}

/** What prices would be if operators stated some more. */
export class PriceOverlay {
  private readonly changes = new Map<string, Price>();
  /** Models on channels with a price of their own. */
  private readonly own = new Set<string>();
  /** Changes that would have no effect, because a stronger source has spoken. */
  readonly hidden: readonly WantedChange[];

  /** @param current the strongest word on each model, side and channel. */
  constructor(side: PriceSide, changes: readonly WantedChange[], current: readonly StoredPrice[]) {
    const strengths = new Map<string, number>();
    for (const { model, channelId, source, side: of } of current) {
      if (of !== side) continue;
      strengths.set(keyOf(model, channelId), strengthOf(source));
      if (channelId !== undefined) this.own.add(keyOf(model, channelId));
    }
    const ofSide = changes.filter((change) => change.side === side);
    this.hidden = ofSide.filter(
      ({ modelId, channelId }) => (strengths.get(keyOf(modelId, channelId)) ?? OPERATOR_STRENGTH) < OPERATOR_STRENGTH,
    );
    for (const change of ofSide) {
      if (this.hidden.includes(change)) continue;
      this.changes.set(keyOf(change.modelId, change.channelId), parsePrice(change.price));
    }
  }

  /** Public names of the models with a change that counts. */
  get models(): readonly string[] {
    return [...new Set([...this.changes.keys()].map((key) => (JSON.parse(key) as [string])[0]))];
  }

  /** The price that a request would have by a change; undefined when no change concerns it. */
  readonly priceOf = (model: string, channelId: string | undefined): Price | undefined => {
    const here = keyOf(model, channelId);
    return this.changes.get(here) ?? (this.own.has(here) ? undefined : this.changes.get(keyOf(model, undefined)));
  };
}

function keyOf(model: string, channelId: string | undefined): string {
  return JSON.stringify([model, channelId ?? null]);
}
