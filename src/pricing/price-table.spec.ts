import { parsePrice } from './parse-price.js';
import { type PricedModel, PriceTable } from './price-table.js';

const priced = (id: string, change: Partial<PricedModel> = {}): PricedModel => ({
  model: 'm',
  side: 'selling',
  version: { id, price: parsePrice({ perRequest: id }) },
  ...change,
});

describe('PriceTable', () => {
  const table = new PriceTable([
    priced('1'),
    priced('2', { channelId: '7' }),
    priced('3', { channelId: '7', side: 'purchase' }),
    priced('4', { channelId: '8', version: undefined }),
  ]);

  it('prefers the price of the channel to the general one', () => {
    expect(table.selling('m', '7')?.id).toBe('2');
    expect(table.selling('m', '9')?.id).toBe('1');
  });

  it('keeps the two sides and the models apart', () => {
    expect(table.purchase('m', '7')?.id).toBe('3');
    expect(table.purchase('m', '9')).toBeUndefined();
    expect(table.selling('other', '7')).toBeUndefined();
  });

  it('does not sell at the general price where the one of the channel cannot be read', () => {
    expect(table.selling('m', '8')).toBeUndefined();
  });
});
