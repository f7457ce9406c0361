import { encodingOf, familyOf, inFamily } from './model-family.js';

describe('encodingOf', () => {
  it.each([
    ['gpt-4', 'cl100k_base'],
    ['gpt-4-0613', 'cl100k_base'],
    ['gpt-4-turbo-2024-04-09', 'cl100k_base'],
    ['gpt-3.5-turbo', 'cl100k_base'],
    ['gpt-35-turbo', 'cl100k_base'],
    ['ft:gpt-3.5-turbo-0125:acme::8a', 'cl100k_base'],
    ['text-embedding-3-small', 'cl100k_base'],
    ['text-embedding-ada-002', 'cl100k_base'],
    ['gpt-4o', 'o200k_base'],
    ['gpt-4o-mini', 'o200k_base'],
    ['gpt-4.1-mini', 'o200k_base'],
    ['gpt-4.5-preview', 'o200k_base'],
    ['chatgpt-4o-latest', 'o200k_base'],
    ['o1', 'o200k_base'],
    ['o4-mini', 'o200k_base'],
    ['gpt-5', 'o200k_base'],
    ['gpt-6.1-sol', 'o200k_base'],
    ['gpt-oss-120b', 'o200k_base'],
    ['openai/GPT-4o', 'o200k_base'],
    ['claude-opus-5-5', 'o200k_base'],
    ['qwen3-max', 'o200k_base'],
    ['house-model', 'o200k_base'],
  ])('counts %s with %s', (model, encoding) => {
    expect(encodingOf(model)).toBe(encoding);
  });
});

describe('familyOf', () => {
  it.each([
    ['gpt-4o', 100],
    ['gpt-4', 100],
    ['claude-3-5-sonnet-20241022', 115],
    ['claude-haiku-4-5', 115],
    ['us.anthropic.claude-opus-4-7-v1:0', 125],
    ['anthropic/claude-sonnet-5.5', 125],
    ['gemini-3.8-flash', 100],
    ['accounts/fireworks/models/llama-v3p3-70b-instruct', 110],
    ['house-model', 100],
  ])('counts %s at %i per cent', (model, percent) => {
    expect(familyOf(model).percent).toBe(percent);
  });

  it('rounds up, and leaves exact counts alone', () => {
    expect(inFamily(1, familyOf('claude-sonnet-5.5'))).toBe(2);
    expect(inFamily(100, familyOf('claude-sonnet-5.5'))).toBe(125);
    expect(inFamily(7, familyOf('gpt-4o'))).toBe(7);
  });

  it('says where each factor comes from', () => {
    for (const model of ['gpt-4', 'gpt-4o', 'claude-3', 'claude-opus-5', 'qwen3', 'llama', 'unheard-of']) {
      expect(familyOf(model).source).not.toBe('');
    }
  });
});
