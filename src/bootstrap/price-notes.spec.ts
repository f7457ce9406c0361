import type { Catalog, CatalogChannel } from '../channels/catalog.types.js';
import { parsePrice } from '../pricing/parse-price.js';
import { PriceTable } from '../pricing/price-table.js';
import { priceNotes } from './price-notes.js';

const channel = (id: string, models: Record<string, string>): CatalogChannel => ({
  id,
  name: id,
  provider: 'openai',
  allowPrivateNetwork: false,
  priority: 0,
  weight: 1,
  models: new Map(Object.entries(models)),
});

function catalog(
  channels: CatalogChannel[],
  priced: readonly (readonly [model: string, channelId?: string])[] = [],
): Catalog {
  const names = channels.flatMap((each) => [...each.models.keys()]);
  const version = { id: '1', price: parsePrice({ perRequest: '0' }) };
  return {
    version: 1n,
    channels,
    models: new Map(names.map((id) => [id, { id, onDisconnect: 'abort', limits: undefined, createdAt: new Date(0) }])),
    prices: new PriceTable(priced.map(([model, channelId]) => ({ model, channelId, side: 'selling', version }))),
    groups: new Map(),
  };
}

describe('priceNotes', () => {
  it('is silent when everything has a price, if only on its channel', () => {
    const channels = [channel('1', { a: 'a', b: 'b' })];
    expect(priceNotes(catalog(channels, [['a'], ['b', '1']]))).toEqual([]);
    expect(priceNotes(catalog([]))).toEqual([]);
  });

  it('names a model that one of its channels has no price for', () => {
    const channels = [channel('1', { own: 'own' }), channel('2', { own: 'own' })];
    expect(priceNotes(catalog(channels, [['own', '1']]))).toEqual([
      'Without a price, and refused (503 model_not_priced) until they have one: own.',
      'Set one with "npm run hub -- price:set MODEL ..." or in HUB_CONFIG.',
    ]);
  });

  it('suggests the price of what stands behind a public name, all of it', () => {
    expect(priceNotes(catalog([channel('1', { fast: 'gpt-6-luna' })])).at(-1)).toBe(
      '  - { id: "fast", price: { inputPerMillion: "0.1", cachedInputPerMillion: "0.01", cacheWritePerMillion: "0.125", ' +
        'outputPerMillion: "0.5", tiers: [{ aboveInputTokens: 272000, inputPerMillion: "0.2", ' +
        'cachedInputPerMillion: "0.02", cacheWritePerMillion: "0.25", outputPerMillion: "0.75" }] } }',
    );
  });

  it('names twenty at most', () => {
    const many = Object.fromEntries(Array.from({ length: 23 }, (_, i) => [`m${String(i).padStart(2, '0')}`, 'x']));
    expect(priceNotes(catalog([channel('1', many)]))[0]).toMatch(/one: m00, .*, m19 and 3 more\.$/);
  });
});
