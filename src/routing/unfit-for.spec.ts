import { describe, expect, it } from '@jest/globals';
import { candidateOf, PLAIN_FACTS } from '../../test/support/candidates.js';
import type { ModelCapabilities } from '../channels/model-routing.js';
import type { RequestFacts } from './request-facts.js';
import { unfitFor } from './unfit-for.js';

describe('unfitFor', () => {
  it.each<[keyof ModelCapabilities, Partial<RequestFacts>, string]>([
    ['tools', { needsTools: true }, 'tools'],
    ['vision', { needsVision: true }, 'messages'],
    ['audioInput', { needsAudioInput: true }, 'messages'],
    ['fileInput', { needsFileInput: true }, 'messages'],
    ['jsonSchema', { needsJsonSchema: true }, 'response_format'],
    ['reasoning', { needsReasoning: true }, 'reasoning_effort'],
    ['choices', { choiceCount: 2 }, 'n'],
  ])(
    'refuses a request that needs %s of a model that is known not to have it, and names the field',
    (name, needs, param) => {
      const facts = { ...PLAIN_FACTS, ...needs };
      expect(unfitFor(candidateOf('1', { capabilities: { [name]: false } }), facts)).toMatchObject({
        kind: 'unsupported_option',
        param,
      });
      expect(unfitFor(candidateOf('1', { capabilities: { [name]: true } }), facts)).toBeUndefined();
      expect(unfitFor(candidateOf('1'), facts)).toBeUndefined();
      expect(unfitFor(candidateOf('1', { capabilities: { [name]: false } }), PLAIN_FACTS)).toBeUndefined();
    },
  );

  it('refuses an operation that the provider does not have', () => {
    const { provider, ...candidate } = candidateOf('1');
    const chatOnly = { ...candidate, provider: { ...provider, images: undefined } };
    expect(unfitFor(chatOnly, { ...PLAIN_FACTS, operation: 'images' })).toMatchObject({ param: 'model' });
  });

  it('goes by the sizes of pictures where they are known', () => {
    const known = candidateOf('1', { capabilities: { imageSizes: ['512x512'] } });
    const asking = (imageSize?: string) => ({ ...PLAIN_FACTS, operation: 'images' as const, imageSize });
    expect(unfitFor(known, asking('1024x1024'))).toMatchObject({ kind: 'unsupported_option', param: 'size' });
    for (const size of ['512x512', 'auto', undefined]) expect(unfitFor(known, asking(size))).toBeUndefined();
    expect(unfitFor(candidateOf('1'), asking('1024x1024'))).toBeUndefined();
  });

  it('refuses a prompt that is longer than the window by more than counting may be wrong', () => {
    const candidate = candidateOf('1', { capabilities: { contextTokens: 1000 } });
    const withPrompt = (promptTokens?: number) => unfitFor(candidate, { ...PLAIN_FACTS, promptTokens })?.kind;
    expect(withPrompt(1251)).toBe('context_length');
    expect(withPrompt(1250)).toBeUndefined();
    expect(withPrompt(undefined)).toBeUndefined();
  });
});
