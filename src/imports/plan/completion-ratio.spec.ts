import { builtInCompletion } from './completion-ratio.js';

describe('the ratio that is built into a product', () => {
  it.each([
    ['one-api', 'gpt-3.5-turbo', 3n, 1n],
    ['one-api', 'gpt-3.5-turbo-1106', 2n, 1n],
    ['one-api', 'gpt-3.5-turbo-16k', 4n, 3n],
    ['one-api', 'gpt-4o-2024-05-13', 3n, 1n],
    ['one-api', 'gpt-4o-mini', 4n, 1n],
    ['one-api', 'gpt-4-0125-preview', 3n, 1n],
    ['one-api', 'gpt-4-32k', 2n, 1n],
    ['one-api', 'claude-3-opus', 5n, 1n],
    ['one-api', 'claude-2', 3n, 1n],
    ['one-api', 'unheard-of', 1n, 1n],
    ['new-api', 'gpt-4o-mini', 4n, 1n],
    ['new-api', 'gpt-5-mini', 8n, 1n],
    ['new-api', 'gpt-5.4-nano-x', 25n, 4n],
    ['new-api', 'gpt-5.5', 6n, 1n],
    ['new-api', 'gpt-3.5-turbo', 2n, 1n],
    ['new-api', 'anthropic/claude-sonnet-4-5', 5n, 1n],
    ['new-api', 'gemini-2.5-flash', 25n, 3n],
    ['new-api', 'gemini-2.5-flash-lite', 4n, 1n],
    ['new-api', 'command-r-plus-08-2024', 4n, 1n],
    ['new-api', 'unheard-of', 1n, 1n],
  ] as const)('of %s for %s', (product, model, numerator, denominator) => {
    expect(builtInCompletion(product, model).ratio).toEqual({ numerator, denominator });
  });

  it('is beyond the options of new-api for some models, and for none of one-api', () => {
    expect(builtInCompletion('new-api', 'gpt-5').isFixed).toBe(true);
    expect(builtInCompletion('new-api', 'gpt-4o').isFixed).toBe(false);
    expect(builtInCompletion('one-api', 'gpt-3.5-turbo').isFixed).toBe(false);
  });
});
