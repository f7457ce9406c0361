import { Logger } from '@nestjs/common';
import type { SqlSession } from '../database/sql.js';
import { readStoredPrices, type StoredPrice, strongest } from './current-prices.js';
import { InvalidPriceError, parsePrice } from './parse-price.js';
import { type PricedModel, PriceTable } from './price-table.js';

const logger = new Logger('Prices');

/**
 * Reads the prices that apply now, by the database's clock, and how long they will.
 *
 * A price that this version cannot read is logged and leaves its model without one, rather than with a weaker source's:
 * nothing is sold for less than was meant.
 */
export async function loadPrices(session: SqlSession): Promise<PriceTable> {
  const current = strongest(await readStoredPrices(session));
  const [next] = await session.query<{ wait_ms: string | null }>(
    `select ceil(extract(epoch from min(effective_from) - statement_timestamp()) * 1000)::bigint as wait_ms
       from price_version where effective_from > statement_timestamp()`,
  );
  const waitMs = next?.wait_ms ?? null;
  return new PriceTable(current.flatMap(toPriced), waitMs === null ? undefined : Number(waitMs));
}

function toPriced({ id, model, side, channelId, source, price }: StoredPrice): PricedModel[] {
  try {
    return [{ model, side, channelId, version: Object.freeze({ id, price: parsePrice(price) }) }];
  } catch (error) {
    if (!(error instanceof InvalidPriceError)) throw error;
    logger.warn(`The ${side} price ${id} of model "${model}" (${source}) is not used: ${error.message}`);
    // An entry without a version would let the general price in on a channel whose own price is damaged.
    return [{ model, side, channelId, version: undefined }];
  }
}
