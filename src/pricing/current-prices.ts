import type { DeclaredPrice } from '../common/declared-price.js';
import type { SqlSession } from '../database/sql.js';
import { SOURCE_KIND_SQL, strengthOf } from './price-source.js';
import type { PriceSide } from './price-table.js';

/** What a source says now about a model; not yet checked. */
export interface StoredPrice {
  readonly id: string;
  readonly model: string;
  readonly side: PriceSide;
  readonly channelId?: string;
  readonly source: string;
  readonly price: DeclaredPrice;
  readonly effectiveFrom: Date;
}

interface Row {
  id: string;
  model_id: string;
  side: PriceSide;
  channel_id: string | null;
  source: string;
  price: DeclaredPrice | null;
  effective_from: Date;
}

/**
 * What every source says now; what it has withdrawn is left out. Sorted by model.
 * @param models public names; default: all.
 */
export async function readStoredPrices(session: SqlSession, models?: readonly string[]): Promise<StoredPrice[]> {
  const rows = await session.query<Row>(
    `select distinct on (model_id, side, channel_id, ${SOURCE_KIND_SQL})
            id, model_id, side, channel_id, source, price, effective_from
       from price_version
      where effective_from <= statement_timestamp() and ($1::text[] is null or model_id = any($1))
      order by model_id, side, channel_id, ${SOURCE_KIND_SQL}, effective_from desc, id desc`,
    [models ?? null],
  );
  return rows.flatMap(({ price, ...row }) =>
    price === null
      ? []
      : [
          {
            id: row.id,
            model: row.model_id,
            side: row.side,
            channelId: row.channel_id ?? undefined,
            source: row.source,
            price,
            effectiveFrom: row.effective_from,
          },
        ],
  );
}

/** Of all that the sources say, the strongest word on each model, side and channel. */
export function strongest(prices: readonly StoredPrice[]): StoredPrice[] {
  const byKey = new Map<string, StoredPrice>();
  for (const price of prices) {
    const key = JSON.stringify([price.model, price.side, price.channelId]);
    const other = byKey.get(key);
    if (other === undefined || strengthOf(price.source) < strengthOf(other.source)) byKey.set(key, price);
  }
  return [...byKey.values()];
}
