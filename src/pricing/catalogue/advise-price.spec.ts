import { readFileSync } from 'node:fs';
import { MODEL_CONFIGS } from 'llm-zoo';
import { checkPrice } from '../check-price.js';
import { advisePrice, PRICE_PACKAGE } from './advise-price.js';
import { suggestPrice } from './suggest-price.js';

describe('a price for an operator who asks', () => {
  it('is that of the catalogue, where it has one', () => {
    expect(advisePrice('gpt-6-sol', 'openai')).toBe(suggestPrice('gpt-6-sol', 'openai'));
  });

  it('is that of the package otherwise, with its source, month and a warning', () => {
    expect(suggestPrice('grok-4.7', 'xai')).toBeUndefined();
    expect(advisePrice('grok-4.7', 'xai')).toEqual({
      price: { inputPerMillion: '2', outputPerMillion: '6' },
      source: PRICE_PACKAGE.source,
      asOf: PRICE_PACKAGE.asOf,
      note: expect.stringContaining('compare'),
    });
  });

  it('is none of the maker where somebody else serves the model', () => {
    expect(advisePrice('grok-4.7', 'openrouter')).toBeUndefined();
    expect(advisePrice('grok-4.7', 'openai')).toBeUndefined();
    expect(advisePrice('x-ai/grok-4.7')).toBeDefined();
  });

  it('can be used, whichever model of the package it is for', () => {
    for (const { fullName } of Object.values(MODEL_CONFIGS)) {
      const advice = advisePrice(fullName);
      if (advice !== undefined) expect([fullName, checkPrice(advice.price)]).toEqual([fullName, []]);
    }
  });

  it('names the version of the package that is installed', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    expect(PRICE_PACKAGE.source).toBe(`llm-zoo ${dependencies['llm-zoo']}`);
  });
});
