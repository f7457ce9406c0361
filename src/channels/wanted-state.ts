import type { DeclaredPrice } from '../common/declared-price.js';
import type { WantedPrice } from '../pricing/reconcile-prices.js';
import {
  DECLARERS,
  type Declarations,
  type DeclaredChannel,
  type DeclaredModel,
  type Declarer,
} from './declaration.js';

/** A channel and who wants it. */
export interface WantedChannel extends DeclaredChannel {
  readonly managedBy: Declarer;
}

/** A model and who wants it. */
export interface WantedModel extends Omit<DeclaredModel, 'id' | 'price'> {
  readonly managedBy: Declarer;
  /** Declared by itself, not just named by a channel. */
  readonly isExplicit: boolean;
}

/** A price and who wants it; a channel is named, since it may not have an id yet. */
export interface WantedChannelPrice extends Omit<WantedPrice, 'channelId'> {
  readonly channel?: string;
}

/** What the tables should say of everything that is declared. */
export interface WantedState {
  readonly channels: ReadonlyMap<string, WantedChannel>;
  readonly models: ReadonlyMap<string, WantedModel>;
  readonly prices: readonly WantedChannelPrice[];
}

/**
 * Joins all declarations into one state. Where two want the same channel or model, the stronger declarer has it. Prices are
 * kept apart by their source: the stronger one hides the other, and does not end it.
 */
export function toWantedState(declarations: Declarations): WantedState {
  const channels = new Map<string, WantedChannel>();
  const models = new Map<string, WantedModel>();
  const prices: WantedChannelPrice[] = [];
  for (const managedBy of DECLARERS) {
    const { channels: own = [], models: ownModels = [], suggestedPrices } = declarations[managedBy] ?? {};
    const general = new Map(suggestedPrices);
    for (const { id, price, ...fixed } of ownModels) {
      if (!models.get(id)?.isExplicit) models.set(id, { ...fixed, managedBy, isExplicit: true });
      if (price !== undefined) general.set(id, price);
    }
    prices.push(...toPrices(managedBy, 'selling', general));
    for (const channel of own) {
      if (channels.has(channel.name)) continue;
      channels.set(channel.name, { ...channel, managedBy });
      for (const id of channel.models.keys()) {
        if (!models.has(id)) models.set(id, { managedBy, isExplicit: false });
      }
      prices.push(...toPrices(managedBy, 'selling', channel.prices, channel.name));
      prices.push(...toPrices(managedBy, 'purchase', channel.costs, channel.name));
    }
  }
  return { channels, models, prices };
}

function toPrices(
  source: Declarer,
  side: WantedPrice['side'],
  prices: ReadonlyMap<string, DeclaredPrice> | undefined,
  channel?: string,
): WantedChannelPrice[] {
  return [...(prices ?? [])].map(([model, price]) => ({ source, model, side, channel, price }));
}
