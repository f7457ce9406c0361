import { describe, expect, it } from '@jest/globals';
import type { DeclaredPrice } from '../common/declared-price.js';
import { parsePrice } from '../pricing/parse-price.js';
import { isPricedFor, type OperationName } from './able-candidates.js';

const ALL: readonly OperationName[] = [
  'chat',
  'embeddings',
  'images',
  'imageEdits',
  'completions',
  'moderations',
  'transcriptions',
  'speech',
  'rerank',
];

describe('a price', () => {
  it.each<[string, DeclaredPrice, readonly OperationName[]]>([
    ['of tokens', { inputPerMillion: '1' }, ALL],
    ['of answers', { outputPerMillion: '1' }, ALL],
    ['of long prompts alone', { inputPerMillion: '0', tiers: [{ aboveInputTokens: 9, inputPerMillion: '1' }] }, ALL],
    ['of requests', { perRequest: '1' }, ALL],
    ['of nothing, on purpose', { perSearch: '0' }, ALL],
    ['of pictures', { perImage: '1' }, ['chat', 'images', 'imageEdits']],
    ['of sound', { perAudioSecond: '1' }, ['transcriptions']],
    ['of spoken text', { perMillionCharacters: '1' }, ['speech']],
    ['of searches', { perSearch: '1' }, ['rerank']],
    ['of films', { perVideoSecond: '1' }, []],
  ])('%s is one for what it says something of, and gives nothing else away', (_what, declared, operations) => {
    const price = parsePrice(declared);
    expect(ALL.filter((operation) => isPricedFor(price, operation))).toEqual(operations);
  });

  it('that there is not is none', () => {
    expect(ALL.filter((operation) => isPricedFor(undefined, operation))).toEqual([]);
  });
});
