import { AMOUNT_MAX } from '../common/credits.js';
import type { NanoCredits } from '../common/money.js';
import type { BillableUsage } from '../pricing/billable-usage.js';
import { CostOutOfRangeError, costOf } from '../pricing/cost-of.js';
import type { Price } from '../pricing/price.js';

/** Accounts that are named; the others are in the sums. */
const ACCOUNTS_SHOWN = 10;

/** One request that was charged, as far as a price asks. */
export interface PricedRequest {
  readonly accountId: string;
  readonly model: string;
  /** The channel that it was served on; undefined where none was. */
  readonly channelId: string | undefined;
  readonly usage: BillableUsage;
  /** Factor of the group that the account is in now, in millionths. */
  readonly multiplierMillionths: bigint;
  /** What the account paid, later corrections included. */
  readonly cost: NanoCredits;
  /**
   * `known`: charged for its usage. `none`: it failed before anything was delivered, and is free whatever the price. `unknown`:
   * charged for what was metered when its hub went away, without usage; it costs what it did.
   */
  readonly charge: 'known' | 'none' | 'unknown';
}

/** Requests and what they cost, before and after. */
export interface PriceEffect {
  readonly requests: bigint;
  /** As charged. */
  readonly cost: NanoCredits;
  /** Under the new price. */
  readonly newCost: NanoCredits;
  /** New cost less cost. */
  readonly difference: NanoCredits;
}

/** What a change of prices would have done to some traffic. */
export interface PriceChange {
  readonly total: PriceEffect;
  /** Each model that has requests, by name. */
  readonly models: readonly (PriceEffect & { readonly model: string })[];
  /** The accounts whose cost changes most, up or down, at most ten. */
  readonly accounts: readonly (PriceEffect & { readonly accountId: string })[];
  /**
   * Requests whose new cost is not certain, because usage does not say the size and quality of pictures, or the resolution and
   * sound of videos, and the new price depends on them: they are reckoned at the price for any. And those without usage.
   */
  readonly requestsUncertain: bigint;
}

/** The price that a request would have, or undefined when the change does not concern it: it then costs what it did. */
export type NewPriceOf = (model: string, channelId: string | undefined) => Price | undefined;

/** Adds up what a change of prices does, request by request: each is rounded by itself, as live traffic is. */
export class PriceChangeSum {
  private readonly total = new Effect();
  private readonly models = new Map<string, Effect>();
  private readonly accounts = new Map<string, Effect>();
  private uncertain = 0n;

  constructor(private readonly newPriceOf: NewPriceOf) {}

  /** Adds one request. Its new cost comes from the function that prices live traffic. */
  add(request: PricedRequest): void {
    const price = this.newPriceOf(request.model, request.channelId);
    const newCost = price === undefined ? request.cost : newCostOf(request, price);
    if (price !== undefined && isUncertain(request, price)) this.uncertain++;
    this.total.add(request.cost, newCost);
    effectIn(this.models, request.model).add(request.cost, newCost);
    effectIn(this.accounts, request.accountId).add(request.cost, newCost);
  }

  /** What it all comes to so far. */
  result(): PriceChange {
    const models = [...this.models].map(([model, effect]) => ({ model, ...effect.view() }));
    const accounts = [...this.accounts].map(([accountId, effect]) => ({ accountId, ...effect.view() }));
    return {
      total: this.total.view(),
      models: models.sort((a, b) => (a.model < b.model ? -1 : 1)),
      accounts: accounts
        .filter(({ difference }) => difference !== 0n)
        .sort(
          (a, b) =>
            compare(size(b.difference), size(a.difference)) || compare(BigInt(a.accountId), BigInt(b.accountId)),
        )
        .slice(0, ACCOUNTS_SHOWN),
      requestsUncertain: this.uncertain,
    };
  }
}

function newCostOf({ charge, cost, usage, multiplierMillionths }: PricedRequest, price: Price): NanoCredits {
  if (charge !== 'known') return cost;
  try {
    return costOf(price, usage, multiplierMillionths);
  } catch (error) {
    if (error instanceof CostOutOfRangeError) return AMOUNT_MAX;
    throw error;
  }
}

function isUncertain({ charge, usage: { images, videoMs } }: PricedRequest, price: Price): boolean {
  if (charge !== 'known') return charge === 'unknown';
  return (images > 0 && price.images.length > 1) || (videoMs > 0 && price.videos.length > 1);
}

class Effect {
  private requests = 0n;
  private cost = 0n;
  private newCost = 0n;

  add(cost: NanoCredits, newCost: NanoCredits): void {
    this.requests++;
    this.cost += cost;
    this.newCost += newCost;
  }

  view(): PriceEffect {
    const { requests, cost, newCost } = this;
    return { requests, cost, newCost, difference: newCost - cost };
  }
}

function effectIn(effects: Map<string, Effect>, name: string): Effect {
  const found = effects.get(name) ?? new Effect();
  effects.set(name, found);
  return found;
}

function size(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
