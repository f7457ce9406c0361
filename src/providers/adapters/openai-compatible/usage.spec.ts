import { isWireUsage, toUsage, toWireUsage } from './usage.js';

describe('toUsage', () => {
  it.each([
    [
      'OpenAI',
      {
        prompt_tokens: 12,
        completion_tokens: 9,
        total_tokens: 21,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
      { inputTokens: 12, outputTokens: 9, cachedInputTokens: 4, reasoningTokens: 5 },
    ],
    [
      'DeepSeek',
      { prompt_tokens: 12, completion_tokens: 9, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 4 },
      { inputTokens: 12, outputTokens: 9, cachedInputTokens: 8 },
    ],
    [
      'Moonshot',
      { prompt_tokens: 12, completion_tokens: 9, cached_tokens: 8 },
      { inputTokens: 12, outputTokens: 9, cachedInputTokens: 8 },
    ],
    [
      'DashScope',
      { prompt_tokens: 12, completion_tokens: 9, prompt_tokens_details: { cache_creation_input_tokens: 6 } },
      { inputTokens: 12, outputTokens: 9, cacheWriteTokens: 6 },
    ],
    [
      'gpt-image',
      { input_tokens: 40, output_tokens: 4160, total_tokens: 4200 },
      { inputTokens: 40, outputTokens: 4160 },
    ],
    ['Seedream', { generated_images: 2, output_tokens: 5 }, { outputTokens: 5, images: 2 }],
    ['zero', { prompt_tokens: 0, completion_tokens: 0 }, { inputTokens: 0, outputTokens: 0 }],
  ])('reads %s', (_vendor, wire, expected) => {
    expect(toUsage(wire)).toStrictEqual(expected);
  });

  it.each([
    [null],
    [undefined],
    [{}],
    [{ prompt_tokens: -1, completion_tokens: 1.5 }],
    [{ prompt_tokens: '12' }],
    [{ prompt_tokens: 2 ** 53 }],
    ['12'],
  ])('takes nothing from %j', (wire) => {
    expect(toUsage(wire)).toBeUndefined();
  });

  it('leaves out a part that is larger than its whole', () => {
    const wire = {
      prompt_tokens: 3,
      completion_tokens: 4,
      prompt_tokens_details: { cached_tokens: 9 },
      completion_tokens_details: { reasoning_tokens: 9 },
    };
    expect(toUsage(wire)).toStrictEqual({ inputTokens: 3, outputTokens: 4 });
  });

  it('adds reasoning that stands outside completion, unless the total says it is inside', () => {
    const wire = { prompt_tokens: 12, completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 290 } };
    expect(toUsage({ ...wire, total_tokens: 303 }, true)).toMatchObject({ outputTokens: 291, reasoningTokens: 290 });
    expect(toUsage({ ...wire, completion_tokens: 291, total_tokens: 303 }, true)).toMatchObject({ outputTokens: 291 });
  });
});

describe('toWireUsage', () => {
  it('writes the counts in their OpenAI places and keeps what else the vendor said', () => {
    const usage = { inputTokens: 12, outputTokens: 291, cachedInputTokens: 4, reasoningTokens: 290 };
    const wire = {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 303,
      num_sources_used: 2,
      completion_tokens_details: { audio_tokens: 0 },
    };
    const result = toWireUsage(usage, wire);
    expect(result).toEqual({
      prompt_tokens: 12,
      completion_tokens: 291,
      total_tokens: 303,
      num_sources_used: 2,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { audio_tokens: 0, reasoning_tokens: 290 },
    });
    expect(isWireUsage(usage, result)).toBe(true);
    expect(isWireUsage(usage, wire)).toBe(false);
  });
});

describe('purchase costs', () => {
  it('are not shown to the caller', () => {
    const wire = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, cost: 0.01, cost_details: { upstream: 1 } };
    const usage = toUsage(wire)!;
    expect(isWireUsage(usage, wire)).toBe(false);
    expect(toWireUsage(usage, wire)).toEqual({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 });
  });
});
