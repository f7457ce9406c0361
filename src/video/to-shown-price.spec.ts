import { describe, expect, it } from '@jest/globals';
import { parsePrice } from '../pricing/parse-price.js';
import { toShownPrice } from './to-shown-price.js';

describe('the price of a model, as callers see it', () => {
  it('is that of their group, in credits, most specific first', () => {
    const price = parsePrice({
      perVideoSecond: [{ price: '0.05' }, { resolution: '1080p', price: '0.1' }, { audio: true, price: '0.07' }],
      perRequest: '1',
    });
    expect(toShownPrice(price, 800_000n)).toEqual({
      perSecond: [
        { resolution: '1080p', audio: null, price: '0.08' },
        { resolution: null, audio: true, price: '0.056' },
        { resolution: null, audio: null, price: '0.04' },
      ],
      perRequest: '0.8',
      perMillionTokens: '0',
    });
  });

  it('is never shown below what is charged', () => {
    const price = parsePrice({ perVideoSecond: '0.000000001', outputPerMillion: '3' });
    expect(toShownPrice(price, 333_333n)).toMatchObject({
      perSecond: [{ price: '0.000000001' }],
      perMillionTokens: '0.999999',
    });
  });
});
