import { joinCapabilities } from './join-capabilities.js';
import { modelTypeOf } from './model-type.js';

describe('what a model can that several upstreams serve', () => {
  it('is what one of them can', () => {
    expect(
      joinCapabilities([
        { contextTokens: 128_000, tools: true, vision: false, retiresOn: '2027-01-14' },
        { contextTokens: 1_000_000, outputTokensMax: 10, tools: false, vision: false, reasoning: false },
      ]),
    ).toEqual({ contextTokens: 1_000_000, outputTokensMax: 10, tools: true, vision: false });
  });

  it('ends when the last of them does', () => {
    expect(joinCapabilities([{ retiresOn: '2027-01-14' }, { retiresOn: '2026-12-01' }])).toEqual({
      retiresOn: '2027-01-14',
    });
  });

  it('makes pictures of every size that one of them makes, where all say which', () => {
    expect(joinCapabilities([{ imageSizes: ['a', 'b'] }, { imageSizes: ['b', 'c'] }])).toEqual({
      imageSizes: ['a', 'b', 'c'],
    });
    expect(joinCapabilities([{ imageSizes: ['a'] }, {}])).toEqual({});
  });

  it('is nothing where nobody serves it', () => {
    expect(joinCapabilities([])).toEqual({});
  });
});

describe('what a model is for', () => {
  it.each([
    ['gpt-6-sol', 'chat'],
    ['our-own-model', 'chat'],
    ['text-embedding-3-small', 'embedding'],
    ['BAAI/bge-m3', 'embedding'],
    ['gpt-image-2', 'image'],
    ['dall-e-3', 'image'],
    ['gemini-3-pro-image', 'image'],
    ['black-forest-labs/FLUX.1', 'image'],
    ['whisper-1', 'transcription'],
    ['FunAudioLLM/SenseVoiceSmall', 'transcription'],
    ['gpt-4o-mini-tts', 'speech'],
    ['FunAudioLLM/CosyVoice2-0.5B', 'speech'],
    ['omni-moderation-latest', 'moderation'],
    ['gpt-3.5-turbo-instruct', 'completion'],
    ['meta-llama/Llama-3.3-70B-Instruct-Turbo', 'chat'],
    ['bge-reranker-v2', 'rerank'],
    ['BAAI/bge-reranker-v2-m3', 'rerank'],
    ['gpt-realtime', undefined],
  ])('is for %s: %s', (name, type) => expect(modelTypeOf(name)).toBe(type));
});
