import { describe, expect, it } from '@jest/globals';
import { namesWithOptions } from './model-endings.js';

describe('the ending of a name', () => {
  it.each([
    ['anthropic', 'claude-3-7-sonnet-20250219-thinking'],
    ['bedrock', 'claude-sonnet-4-20250514-thinking'],
    ['gemini', 'gemini-2.5-flash-nothinking'],
    ['vertex', 'gemini-2.5-pro-thinking-8192'],
    ['openai', 'o3-mini-high'],
    ['azure-openai', 'gpt-5-minimal'],
  ])('is an option to new-api, to %s in %s', (provider, name) => {
    expect(namesWithOptions('new-api', provider, [name, 'plain', name])).toEqual([name]);
    expect(namesWithOptions('one-api', provider, [name])).toEqual([]);
  });

  it.each([
    ['dashscope', 'qwen3-max-thinking'],
    ['openai', 'gpt-5-mini'],
    ['openai', 'gpt-4o'],
    ['anthropic', 'claude-sonnet-4-5-20250929'],
  ])('is a part of the name, to %s in %s', (provider, name) => {
    expect(namesWithOptions('new-api', provider, [name])).toEqual([]);
  });
});
