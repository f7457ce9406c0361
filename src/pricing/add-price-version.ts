import { isDeepStrictEqual } from 'node:util';
import type { DeclaredPrice } from '../common/declared-price.js';
import { bumpCatalogVersion, lockCatalog } from '../database/catalog-version.js';
import type { SqlSession } from '../database/sql.js';
import { parsePrice } from './parse-price.js';
import { SOURCE_KIND_SQL } from './price-source.js';
import type { PriceSide } from './price-table.js';

/** A price as somebody states it. */
export interface NewPriceVersion {
  /** Public name. */
  readonly model: string;
  readonly side: PriceSide;
  /** Row id; undefined for every channel without a price of its own. */
  readonly channelId?: string;
  /** null withdraws what this source has said. */
  readonly price: DeclaredPrice | null;
  /** One of `PRICE_SOURCES`, with a detail after a colon where there is one: `operator:user:7`. */
  readonly source: string;
  /** Default: now, by the database's clock. */
  readonly effectiveFrom?: Date;
}

/**
 * Adds a version, unless its source says the same already, and tells all instances. Requests in flight keep the version
 * they began with.
 *
 * @param session a transaction; it holds the catalogue's lock from here on.
 * @returns true when a version was added.
 * @throws InvalidPriceError for a price that is none.
 */
export async function addPriceVersion(session: SqlSession, wanted: NewPriceVersion): Promise<boolean> {
  await lockCatalog(session);
  const isAdded = await writePriceVersion(session, wanted);
  if (isAdded) await bumpCatalogVersion(session);
  return isAdded;
}

/** {@link addPriceVersion} for a caller that holds the lock, and counts up the catalogue's version for all it has changed. */
export async function writePriceVersion(session: SqlSession, wanted: NewPriceVersion): Promise<boolean> {
  if (wanted.price !== null) parsePrice(wanted.price);
  const price = wanted.price === null ? null : JSON.stringify(wanted.price);
  if (wanted.effectiveFrom === undefined && (await isCurrent(session, wanted, price))) return false;
  // The clock, not now(): that is when the transaction began, maybe before another one that held the lock first.
  await session.query(
    `insert into price_version (model_id, channel_id, side, price, source, effective_from)
     values ($1, $2, $3, $4::jsonb, $5, coalesce($6::timestamptz, clock_timestamp()))`,
    [wanted.model, wanted.channelId ?? null, wanted.side, price, wanted.source, wanted.effectiveFrom ?? null],
  );
  return true;
}

async function isCurrent(session: SqlSession, wanted: NewPriceVersion, price: string | null): Promise<boolean> {
  const [row] = await session.query<{ price: DeclaredPrice | null }>(
    `select price from price_version
      where model_id = $1 and side = $2 and channel_id is not distinct from $3::bigint
        and ${SOURCE_KIND_SQL} = split_part($4, ':', 1) and effective_from <= clock_timestamp()
      order by effective_from desc, id desc limit 1`,
    [wanted.model, wanted.side, wanted.channelId ?? null, wanted.source],
  );
  return isDeepStrictEqual(row?.price ?? null, price === null ? null : JSON.parse(price));
}
