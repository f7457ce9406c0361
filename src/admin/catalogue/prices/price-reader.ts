import { Inject, Injectable } from '@nestjs/common';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import { CATALOGUE, type CatalogueEntry } from '../../../pricing/catalogue/suggest-price.js';
import { readStoredPrices, type StoredPrice, strongest } from '../../../pricing/current-prices.js';
import { describePrice } from '../../../pricing/describe-price.js';
import type { PriceSide } from '../../../pricing/price-table.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import type { Loaders } from '../../graphql/loaders.js';
import { readId } from '../../graphql/read-id.js';
import { checkModelId, checkSearch } from '../check-input.js';
import { pageOfList } from '../page-of-list.js';
import type { PriceCatalogueArgs, PricesArgs } from './price.input.js';
import { type PriceNode, PriceSuggestionNode, type StoredPriceVersion, toPriceNode } from './price.type.js';
import { toPriceRates } from './price-rates.type.js';

const CURSOR = [/^\d{1,18}$/];

/** Reads prices for the admin API. */
@Injectable()
export class PriceReader {
  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /**
   * Versions, newest first.
   * @param side only these, whatever the filter says; null for all.
   * @throws HubError 400 for arguments that are none, 404 for a channel or model that there cannot be.
   */
  async list(args: PricesArgs, side: PriceSide | null): Promise<Page<PriceNode>> {
    const request = readPage(args, CURSOR);
    const { filter } = args;
    const rows = await this.sql.query<StoredPriceVersion>(
      `select id, model_id as "modelId", channel_id as "channelId", side, source, price, effective_from as "effectiveFrom"
         from price_version
        where ($1::bigint is null or id < $1) and ($3::text is null or model_id = $3)
          and ($4::bigint is null or channel_id = $4) and ($5::text is null or side = $5)
          and ($6::text is null or side = $6)
        order by id desc limit $2`,
      [
        request.after?.[0] ?? null,
        request.limit,
        filter?.modelId == null ? null : checkModelId(filter.modelId, 'filter.modelId'),
        filter?.channelId == null ? null : readId('channel', filter.channelId, 'filter.channelId'),
        filter?.side ?? null,
        side,
      ],
    );
    return toPage(request, rows, ({ id }) => [id], toPriceNode);
  }

  /** The strongest word on a model for each side and channel; one statement for all models of a list. */
  async current(loaders: Loaders, modelId: string): Promise<readonly StoredPrice[]> {
    const prices = await loaders.load(this, modelId, async (ids) =>
      Map.groupBy(strongest(await readStoredPrices(this.sql, ids)), ({ model }) => model),
    );
    return prices ?? [];
  }

  /** Suggestions that are part of the hub. @throws HubError 400 for arguments that are none. */
  suggestions(args: PriceCatalogueArgs): Page<PriceSuggestionNode> {
    const search = checkSearch(args.search, 'search')?.toLowerCase() ?? '';
    const has = (name: string | undefined): boolean => name?.toLowerCase().includes(search) === true;
    const entries =
      search === '' ? CATALOGUE : CATALOGUE.filter((entry) => entry.models.some(has) || has(entry.provider));
    return pageOfList(args, entries, toSuggestionNode);
  }
}

/** The price that applies to a model on a channel: its own there, or else that of all channels. */
export function priceOn(
  prices: readonly StoredPrice[],
  side: PriceSide,
  channelId: string | null,
): StoredPrice | undefined {
  const ofSide = prices.filter((price) => price.side === side);
  return (
    ofSide.find((price) => price.channelId === (channelId ?? undefined)) ??
    ofSide.find((price) => price.channelId === undefined)
  );
}

/** A current price as a node of the schema. */
export function currentToNode({ id, model, channelId, side, source, price, effectiveFrom }: StoredPrice): PriceNode {
  return toPriceNode({ id, modelId: model, channelId: channelId ?? null, side, source, price, effectiveFrom });
}

function toSuggestionNode(entry: CatalogueEntry): PriceSuggestionNode {
  return Object.assign(new PriceSuggestionNode(), {
    models: [...entry.models],
    provider: entry.provider ?? null,
    rates: toPriceRates(entry.price),
    text: describePrice(entry.price),
    source: entry.source,
    asOf: entry.asOf,
    note: entry.note ?? null,
  });
}
