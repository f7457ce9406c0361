import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { DeclaredPrice } from '../common/declared-price.js';
import { Sql } from '../database/sql.js';
import { parsePrice } from './parse-price.js';
import type { Price } from './price.js';

const KEPT_MAX = 1000;

/** Price versions by their ids: what something was sold at that ends long after its price has changed. */
@Injectable()
export class PriceVersions {
  /** A version never changes, so that what was read once stays true. */
  private readonly known = new LRUCache<string, Price>({ max: KEPT_MAX });

  constructor(@Inject(Sql) private readonly sql: Sql) {}

  /** @throws Error for an id that there is not; InvalidPriceError for one that this version of the hub cannot read. */
  async get(id: string): Promise<Price> {
    const price = await this.find(id);
    if (price === undefined) throw new Error(`There is no price version ${id}.`);
    return price;
  }

  /** Undefined for an id that there is not. @throws InvalidPriceError as {@link get} does. */
  async find(id: string): Promise<Price | undefined> {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const [row] = await this.sql.query<{ price: DeclaredPrice | null }>(
      'select price from price_version where id = $1',
      [id],
    );
    if (row === undefined || row.price === null) return undefined;
    const price = parsePrice(row.price);
    this.known.set(id, price);
    return price;
  }
}
