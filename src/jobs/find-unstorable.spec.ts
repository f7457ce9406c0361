import { describe, expect, it } from '@jest/globals';
import { findUnstorable } from './find-unstorable.js';

const FINE = { request: { prompt: 'a cat', count: 1 }, userIdentifier: '' };

describe('findUnstorable', () => {
  it.each([
    ['prompt', { ...FINE, request: { prompt: 'a\u0000b', count: 1 } }],
    ['prompt', { ...FINE, request: { prompt: 'half of a pair \ud83d', count: 1 } }],
    ['negativePrompt', { ...FINE, request: { ...FINE.request, negativePrompt: '\udc00' } }],
    ['providerOptions', { ...FINE, request: { ...FINE.request, options: { a: [{ 'b\u0000': 1 }] } } }],
    ['user_identifier', { ...FINE, userIdentifier: '\u0000' }],
    ['metadata', { ...FINE, metadata: { key: 'x\u0000' } }],
  ])('names %s when its text cannot be stored', (name, texts) => {
    expect(findUnstorable(texts)).toBe(name);
  });

  it.each([
    ['emoji', 'a cat \u{1f408}'],
    ['the words \\u0000 themselves', 'print \\u0000'],
    ['the words \\ud83d behind a backslash', 'C:\\\\ud83d'],
    ['line breaks and quotes', 'one\ntwo "three"\u0001'],
  ])('has nothing against %s', (_name, prompt) => {
    expect(findUnstorable({ ...FINE, request: { prompt, count: 1 } })).toBeUndefined();
  });
});
