import { describe, expect, it } from '@jest/globals';
import { checkPrice } from '../../pricing/check-price.js';
import { priceOfExpression } from './price-of-expression.js';

describe('a price that is an expression', () => {
  it.each([
    [
      ...(['of tokens', 'tier("base", p * 2.5 + c * 15 + cr * 0.25)'] as const),
      { inputPerMillion: '2.5', outputPerMillion: '15', cachedInputPerMillion: '0.25' },
    ],
    ['with a version', 'v1:tier("a: (b) ? c", 3 * p + c*15)', { inputPerMillion: '3', outputPerMillion: '15' }],
    ['of a prompt alone', 'tier("base", p * 0.02)', { inputPerMillion: '0.02', outputPerMillion: '0' }],
    ['of a request', 'tier("request", fixed(0.01))', { perRequest: '0.01' }],
    ['of nothing', 'tier("request", fixed(0))', { perRequest: '0' }],
    ['of a picture', 'tier("image", fixed(0.04)) * image_count', { perImage: '0.04' }],
    [
      'by the length of the prompt',
      'len <= 200000\n ? tier("standard", p * 3 + c * 15 + cr * 0.3 + cc * 3.75)\n : tier("long", p * 6 + c * 22.5)',
      {
        ...{ inputPerMillion: '3', outputPerMillion: '15', cachedInputPerMillion: '0.3', cacheWritePerMillion: '3.75' },
        tiers: [
          {
            ...{ aboveInputTokens: 200_000, inputPerMillion: '6', outputPerMillion: '22.5' },
            // Without a variable of their own these are a part of the prompt.
            ...{ cachedInputPerMillion: '6', cacheWritePerMillion: '6' },
          },
        ],
      },
    ],
    [
      'of three lengths',
      'len < 32000 ? tier("a", p * 1 + c * 2) : len <= 128000 ? tier("b", p * 2 + c * 4) : tier("c", p * 4 + c * 8)',
      {
        ...{ inputPerMillion: '1', outputPerMillion: '2' },
        tiers: [
          { aboveInputTokens: 31_999, inputPerMillion: '2', outputPerMillion: '4' },
          { aboveInputTokens: 128_000, inputPerMillion: '4', outputPerMillion: '8' },
        ],
      },
    ],
  ])('%s is taken', (_what, expression, price) => {
    expect(priceOfExpression(expression)).toEqual({ price });
    expect(checkPrice(price)).toEqual([]);
  });

  it('says what of it is not exact', () => {
    expect(priceOfExpression('tier("base", p * 3 + c * 15 + cc * 3.75 + cc1h * 6)')).toEqual({
      price: { inputPerMillion: '3', outputPerMillion: '15', cacheWritePerMillion: '3.75' },
      inexact: 'has a price of its own for caches of an hour, which was not taken: they cost as others',
    });
  });

  it.each([
    ['pictures beside text', 'tier("base", p * 2 + c * 8 + img * 2.5)'],
    ['sound', 'tier("base", p * 2 + c * 8 + ao * 2.5)'],
    ['rules for requests', 'tier("base", p * 5 + c * 25)|||when(header("x") has "fast") * 6'],
    ['factors', '(tier("base", p * 5 + c * 25)) * (hour("UTC") < 8 ? 0.5 : 1)'],
    ['another condition', 'param("stream") == true ? tier("a", p * 3) : tier("b", p * 2)'],
    ['a length by billed tokens', 'p <= 200000 ? tier("a", p * 3) : tier("b", p * 6)'],
    ['lengths that go down', 'len <= 200 ? tier("a", p * 3) : len <= 100 ? tier("b", p * 2) : tier("c", p * 1)'],
    ['a request or tokens', 'len <= 32000 ? tier("short", fixed(0.01)) : tier("long", p * 2 + c * 8)'],
    ['a variable twice', 'tier("base", p * 2 + p * 3)'],
    ['an amount that is none', 'tier("base", p * -2)'],
    ['a function', 'tier("base", max(p, 1) * 2)'],
    ['nothing', ''],
  ])('with %s is none', (_what, expression) => {
    expect(priceOfExpression(expression)).toBeUndefined();
  });
});
