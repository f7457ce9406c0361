import { NO_USAGE } from '../pricing/billable-usage.js';
import { costOf } from '../pricing/cost-of.js';
import { parsePrice } from '../pricing/parse-price.js';
import { PriceChangeSum, type PricedRequest } from './price-change.js';

const PRICE = parsePrice({ inputPerMillion: '1.0000001', outputPerMillion: '3' });
const request = (given: Partial<PricedRequest>): PricedRequest => ({
  accountId: '1000',
  model: 'm',
  channelId: '7',
  usage: { ...NO_USAGE, inputTokens: 3, outputTokens: 1 },
  multiplierMillionths: 1_000_000n,
  cost: 5n,
  charge: 'known',
  ...given,
});

describe('a change of prices', () => {
  it('rounds every request by itself, as live traffic is', () => {
    const sum = new PriceChangeSum(() => PRICE);
    for (let i = 0; i < 10; i++) sum.add(request({ usage: { ...NO_USAGE, inputTokens: 1 } }));
    // 1000.0001 nano-credits each, rounded up.
    expect(sum.result().total).toEqual({ requests: 10n, cost: 50n, newCost: 10_010n, difference: 9_960n });
  });

  it('prices with the function of live traffic and the multiplier of the account', () => {
    const sum = new PriceChangeSum(() => PRICE);
    const one = request({
      multiplierMillionths: 1_333_333n,
      usage: { ...NO_USAGE, inputTokens: 777, cachedInputTokens: 5 },
    });
    sum.add(one);
    expect(sum.result().total.newCost).toBe(costOf(PRICE, one.usage, one.multiplierMillionths));
  });

  it('leaves what the change does not concern, what was free, and what nobody knows as it was', () => {
    const sum = new PriceChangeSum((model, channelId) => (model === 'm' && channelId === '7' ? PRICE : undefined));
    sum.add(request({ model: 'other', cost: 11n }));
    sum.add(request({ channelId: '8', cost: 13n }));
    sum.add(request({ charge: 'none', cost: 0n }));
    sum.add(request({ charge: 'unknown', cost: 17n }));
    const { total, requestsUncertain } = sum.result();
    expect({ total, requestsUncertain }).toEqual({
      total: { requests: 4n, cost: 41n, newCost: 41n, difference: 0n },
      requestsUncertain: 1n,
    });
  });

  it('names the ten accounts whose cost changes most, up or down', () => {
    const sum = new PriceChangeSum(() => PRICE);
    for (let i = 0; i < 15; i++) {
      const usage = { ...NO_USAGE, inputTokens: i === 14 ? 0 : i };
      sum.add(request({ accountId: String(1000 + i), cost: i === 14 ? 1_000_000n : 0n, usage }));
    }
    const { accounts, models } = sum.result();
    expect(accounts.map(({ accountId }) => accountId)).toEqual([
      '1014',
      '1013',
      '1012',
      '1011',
      '1010',
      '1009',
      '1008',
      '1007',
      '1006',
      '1005',
    ]);
    expect(accounts[0]).toMatchObject({ requests: 1n, difference: -1_000_000n });
    expect(models).toMatchObject([{ model: 'm', requests: 15n }]);
  });

  it('counts requests whose price depends on what usage does not say', () => {
    const bySize = parsePrice({ perImage: [{ size: '512x512', price: '0.001' }, { price: '0.002' }] });
    const flat = parsePrice({ perImage: '0.002' });
    const usage = { ...NO_USAGE, images: 2 };
    const uncertainWith = (price: typeof PRICE): bigint => {
      const sum = new PriceChangeSum(() => price);
      sum.add(request({ usage }));
      return sum.result().requestsUncertain;
    };
    expect([uncertainWith(bySize), uncertainWith(flat), uncertainWith(PRICE)]).toEqual([1n, 0n, 0n]);
  });
});
