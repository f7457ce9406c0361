import { isDeepStrictEqual } from 'node:util';
import type { DeclaredPrice } from '../common/declared-price.js';
import type { SqlSession } from '../database/sql.js';
import { writePriceVersion } from './add-price-version.js';
import { readStoredPrices, type StoredPrice } from './current-prices.js';
import type { PriceSource } from './price-source.js';
import type { PriceSide } from './price-table.js';

/** A price as its declarer wants it. */
export interface WantedPrice {
  readonly source: PriceSource;
  readonly model: string;
  readonly side: PriceSide;
  /** Row id; undefined for every channel without a price of its own. */
  readonly channelId?: string;
  readonly price: DeclaredPrice;
}

/**
 * Makes the current versions of these sources say what is wanted, and nothing else. Other sources, such as an operator,
 * are not touched.
 *
 * @param session a transaction that holds the catalogue's lock.
 * @returns true when a version was added.
 */
export async function reconcilePrices(
  session: SqlSession,
  sources: readonly PriceSource[],
  wanted: readonly WantedPrice[],
): Promise<boolean> {
  const stored = new Map<string, StoredPrice>();
  for (const price of await readStoredPrices(session)) {
    const source = sources.find((candidate) => candidate === price.source);
    if (source !== undefined) stored.set(keyOf({ ...price, source }), price);
  }
  let isChanged = false;
  for (const each of wanted) {
    const key = keyOf(each);
    const current = stored.get(key)?.price;
    stored.delete(key);
    if (isDeepStrictEqual(current, JSON.parse(JSON.stringify(each.price)))) continue;
    isChanged = (await writePriceVersion(session, each)) || isChanged;
  }
  for (const { model, side, channelId, source } of stored.values()) {
    isChanged = (await writePriceVersion(session, { model, side, channelId, source, price: null })) || isChanged;
  }
  return isChanged;
}

function keyOf({ source, model, side, channelId }: Omit<WantedPrice, 'price'>): string {
  return JSON.stringify([source, model, side, channelId ?? null]);
}
