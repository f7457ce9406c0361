import type { Catalog, CatalogModel } from '../channels/catalog.types.js';
import type { ModelRouting } from '../channels/model-routing.js';
import { PriceTable } from '../pricing/price-table.js';
import { fallbackNotes } from './fallback-notes.js';

const model = (id: string, routing?: ModelRouting): CatalogModel => ({
  id,
  routing,
  onDisconnect: 'abort',
  createdAt: new Date(0),
});
const catalogOf = (...models: CatalogModel[]): Catalog => ({
  version: 1n,
  channels: [],
  models: new Map(models.map((each) => [each.id, each])),
  prices: PriceTable.empty,
  groups: new Map(),
});

describe('fallbackNotes', () => {
  it('says nothing where every fallback is served', () => {
    expect(fallbackNotes(catalogOf(model('a', { fallbacks: [{ model: 'b' }] }), model('b')))).toEqual([]);
  });

  it('names those that nobody serves, with the model that has them', () => {
    const a = model('a', { fallbacks: [{ model: 'b' }, { model: 'gone' }, { model: 'lost' }] });
    expect(fallbackNotes(catalogOf(a, model('b')))).toEqual([
      'Fallback models that no channel serves: gone (of a), lost (of a).',
    ]);
  });

  it('names twenty at most', () => {
    const fallbacks = Array.from({ length: 23 }, (_, index) => ({ model: `gone-${index}` }));
    expect(fallbackNotes(catalogOf(model('a', { fallbacks })))[0]).toMatch(/gone-19 \(of a\) and 3 more\.$/);
  });
});
