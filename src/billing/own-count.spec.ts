import { describe, expect, it } from '@jest/globals';
import type { DeclaredPrice } from '../common/declared-price.js';
import { parsePrice } from '../pricing/parse-price.js';
import type { Usage } from '../providers/canonical/usage.js';
import { countUsage } from './count-usage.js';
import { eventCounts } from './event-counts.js';
import type { OutputBound } from './order.js';
import { type Come, ownCount } from './own-count.js';

const SOUND: OutputBound = { kind: 'sound', ms: 2000, msMax: 9000 };
const SPEECH: OutputBound = { kind: 'speech', characters: 40, speedPercent: 100 };
const SEARCHES: OutputBound = { kind: 'searches', count: 2, countMax: 3 };
const TOKENS: DeclaredPrice = { inputPerMillion: '1', outputPerMillion: '1' };

/** What is written down of a request with ten tokens of prompt and seven of text. */
function counted(output: OutputBound, price: DeclaredPrice, reported?: Usage, come: Partial<Come> = {}) {
  const own = ownCount(output, 10, parsePrice(price), { isDelivered: true, textTokens: () => 7, images: 0, ...come });
  const { usage, isEstimated } = countUsage(reported, own);
  const counts = Object.entries(eventCounts(output, usage, reported, own)).filter(([, count]) => count !== undefined);
  return { ...Object.fromEntries(counts), isEstimated };
}

describe("the hub's own count", () => {
  it.each<[string, OutputBound, DeclaredPrice, Usage | undefined, object]>([
    [
      'seconds that were reported',
      SOUND,
      { perAudioSecond: '1' },
      { audioMs: 1500 },
      { audioMs: 1500, isEstimated: false },
    ],
    ['seconds that were not', SOUND, { perAudioSecond: '1' }, undefined, { audioMs: 2000, isEstimated: true }],
    [
      'seconds where tokens were reported',
      SOUND,
      { perAudioSecond: '1' },
      { inputTokens: 14, outputTokens: 45 },
      { audioMs: 2000, inputTokens: 14, outputTokens: 45, isEstimated: true },
    ],
    [
      'tokens of sound that were reported',
      SOUND,
      TOKENS,
      { inputTokens: 14, outputTokens: 45 },
      { audioMs: 2000, inputTokens: 14, outputTokens: 45, isEstimated: false },
    ],
    [
      'tokens of sound that were not',
      SOUND,
      TOKENS,
      { audioMs: 1500 },
      { audioMs: 1500, inputTokens: 30, outputTokens: 7, isEstimated: true },
    ],
    [
      'characters, which nobody reports',
      SPEECH,
      { perMillionCharacters: '1' },
      undefined,
      { characters: 40, isEstimated: false },
    ],
    [
      'tokens of speech that were not reported',
      SPEECH,
      TOKENS,
      undefined,
      { characters: 40, inputTokens: 10, outputTokens: 60, isEstimated: true },
    ],
    ['searches that were reported', SEARCHES, { perSearch: '1' }, { searches: 1 }, { searches: 1, isEstimated: false }],
    ['searches that were not', SEARCHES, { perSearch: '1' }, undefined, { searches: 2, isEstimated: true }],
    [
      'tokens of a reranking',
      SEARCHES,
      { inputPerMillion: '1' },
      { inputTokens: 9 },
      { searches: 2, inputTokens: 9, isEstimated: false },
    ],
    ['what costs nothing', SEARCHES, { perRequest: '1' }, undefined, { searches: 2, isEstimated: false }],
  ])('has %s', (_what, output, price, reported, expected) => {
    expect(counted(output, price, reported)).toEqual(expected);
  });

  it('has no tokens of speech that never reached the caller', () => {
    expect(counted(SPEECH, TOKENS, undefined, { isDelivered: false })).toMatchObject({
      inputTokens: 10,
      outputTokens: 0,
    });
  });

  it('has sound as long as it takes to say what was said, whatever its file says of itself', () => {
    const hour = { textTokens: () => 10_000 };
    expect(counted(SOUND, { perAudioSecond: '1' }, undefined, hour)).toMatchObject({ audioMs: 621_000 });
    expect(counted(SOUND, { perAudioSecond: '1' }, { audioMs: 1500 }, hour)).toMatchObject({ audioMs: 1500 });
  });

  it('leaves out what another kind of request reports', () => {
    expect(counted({ kind: 'none' }, TOKENS, { inputTokens: 3, audioMs: 5, searches: 6 })).toEqual({
      inputTokens: 3,
      outputTokens: 0,
      isEstimated: false,
    });
  });
});
