import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DeclaredPrice } from '../common/declared-price.js';
import { parsePrice } from '../pricing/parse-price.js';
import type { TaskUsage } from '../providers/canonical/video.js';
import { askedUsage, chargeOf, holdOf, type JobTerms } from './job-cost.js';

const ONE = 1_000_000n;
const CREDIT = 1_000_000_000n;
const TERMS: JobTerms = { durationSeconds: 5, resolution: '1080p', hasAudio: true };

interface Case {
  readonly price: DeclaredPrice;
  readonly count?: number;
  readonly terms?: Partial<JobTerms>;
  readonly multiplier?: bigint;
  readonly reported?: TaskUsage;
  readonly made?: number;
}

function reckon({ price: declared, count = 1, terms, multiplier = ONE, reported = {}, made = count }: Case) {
  const price = parsePrice(declared);
  const asked = askedUsage('video', { prompt: 'a cat', count }, { ...TERMS, ...terms });
  const held = holdOf(price, asked, multiplier);
  const prices = { selling: price, purchase: price, multiplierMillionths: multiplier, held };
  const charge = chargeOf(asked, reported, { made, wanted: count, promptTokens: 2 }, prices);
  return { held, ...charge };
}

const BY_SECOND = { perVideoSecond: '0.1' };
const BY_KIND = {
  perVideoSecond: [
    { price: '0.1' },
    { resolution: '1080p', price: '0.2' },
    { resolution: '1080p', audio: true, price: '0.3' },
  ],
};
const BY_TOKEN = { outputPerMillion: '10' };

describe('what is set aside for a video', () => {
  it.each<[string, Case, bigint]>([
    ['its seconds', { price: BY_SECOND }, 500_000_000n],
    ['the seconds of all of them', { price: BY_SECOND, count: 3 }, 1_500_000_000n],
    ['its resolution and sound', { price: BY_KIND }, 1_500_000_000n],
    ['no sound', { price: BY_KIND, terms: { hasAudio: false } }, 1_000_000_000n],
    ['another resolution', { price: BY_KIND, terms: { resolution: '720p' } }, 500_000_000n],
    ['a price for each, however long', { price: { perRequest: '0.7' }, terms: { durationSeconds: 60 } }, 700_000_000n],
    ['the tokens that its upstream will count', { price: BY_TOKEN, terms: { outputTokens: 108_900 } }, 1_089_000_000n],
    ['the factor of its account’s group', { price: BY_SECOND, multiplier: 1_500_000n }, 750_000_000n],
    ['parts of a unit, rounded up once', { price: { perVideoSecond: '0.000000001' }, multiplier: 1n }, 1n],
  ])('covers %s', (_name, asked, held) => {
    expect(reckon(asked).held).toBe(held);
  });
});

describe('what is charged for a picture by tokens', () => {
  it('has in it those of a picture that it was made of, and of what it should not show', () => {
    const price = parsePrice({ inputPerMillion: '10', outputPerMillion: '40' });
    const request = { prompt: 'a cat', count: 1, image: { kind: 'url', url: 'https://x.example/a.png' } } as const;
    const asked = askedUsage('image', { ...request, negativePrompt: 'a dog' }, TERMS);
    const held = holdOf(price, asked, ONE);
    const prices = { selling: price, purchase: price, multiplierMillionths: ONE, held };
    const reported = { inputTokens: 4_500, outputTokens: 1_056 };
    const charge = chargeOf(asked, reported, { made: 1, wanted: 1, promptTokens: 2 }, prices);
    expect(charge.usage).toMatchObject({ inputTokens: 4_500 });
    const bare = askedUsage('image', { prompt: 'a cat', count: 1 }, TERMS);
    expect(askedUsage('image', { prompt: 'a cat', count: 1, negativePrompt: 'a dog' }, TERMS).inputTokens).toBe(
      bare.inputTokens + 5,
    );
  });
});

describe('what is charged for a video', () => {
  it.each<[string, Case, { cost: bigint; isEstimated: boolean }]>([
    [
      'what was asked for when the upstream says nothing',
      { price: BY_SECOND },
      { cost: 500_000_000n, isEstimated: true },
    ],
    [
      'the length that it reports',
      { price: BY_SECOND, reported: { videoMs: 4_900 } },
      { cost: 490_000_000n, isEstimated: false },
    ],
    [
      'never more than was asked for',
      { price: BY_SECOND, reported: { videoMs: 5_041 } },
      { cost: 500_000_000n, isEstimated: false },
    ],
    [
      'never more tokens than were set aside',
      { price: BY_TOKEN, terms: { outputTokens: 1000 }, reported: { outputTokens: 10_000_000 } },
      { cost: 10_000_000n, isEstimated: false },
    ],
    [
      'fewer tokens, where it used fewer',
      { price: BY_TOKEN, terms: { outputTokens: 1000 }, reported: { outputTokens: 900 } },
      { cost: 9_000_000n, isEstimated: false },
    ],
    ['the videos that were made', { price: BY_SECOND, count: 4, made: 3 }, { cost: 1_500_000_000n, isEstimated: true }],
    [
      'no videos beyond those asked for',
      { price: BY_SECOND, count: 1, made: 3 },
      { cost: 500_000_000n, isEstimated: true },
    ],
    [
      'the tokens of the videos that were made',
      { price: BY_TOKEN, count: 2, made: 1, terms: { outputTokens: 1000 } },
      { cost: 5_000_000n, isEstimated: true },
    ],
    [
      'what was asked for where a count is none',
      { price: BY_SECOND, reported: { videoMs: Number.NaN } },
      { cost: 500_000_000n, isEstimated: true },
    ],
    [
      'what was asked for where a count is zero',
      { price: BY_SECOND, reported: { videoMs: 0 } },
      { cost: 500_000_000n, isEstimated: true },
    ],
  ])('is %s', (_name, asked, expected) => {
    expect(reckon(asked)).toMatchObject(expected);
  });

  it('never passes what was set aside, and the operator’s own price knows no group', () => {
    const usage = fc.record({
      videoMs: fc.option(fc.integer(), { nil: undefined }),
      outputTokens: fc.option(fc.double(), { nil: undefined }),
    });
    const count = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(
        usage,
        count,
        fc.integer({ min: 0, max: 6 }),
        fc.bigInt({ min: 0n, max: 5_000_000n }),
        (reported, asked, made, multiplier) => {
          const price = { perVideoSecond: '0.123456789', outputPerMillion: '3.7' };
          const terms = { outputTokens: 7_777 };
          const charge = reckon({ price, count: asked, made, terms, multiplier, reported: reported as TaskUsage });
          expect(charge.cost).toBeGreaterThanOrEqual(0n);
          expect(charge.cost).toBeLessThanOrEqual(charge.held);
          expect(charge.purchaseCost).toBe(
            reckon({ price, count: asked, made, terms, reported: reported as TaskUsage }).cost,
          );
        },
      ),
    );
  });
});

describe('what pictures cost', () => {
  const price = parsePrice({ perImage: [{ price: '0.04' }, { quality: 'hd', price: '0.08' }] });

  it('is what each of them costs, as far as they were made', () => {
    const asked = askedUsage(
      'image',
      { prompt: 'a cat', count: 3, quality: 'HD' },
      { durationSeconds: 0, resolution: '', hasAudio: false },
    );
    const held = holdOf(price, asked, ONE);
    expect(held).toBe((24n * CREDIT) / 100n);
    const prices = { selling: price, purchase: undefined, multiplierMillionths: ONE, held };
    expect(chargeOf(asked, {}, { made: 2, wanted: 3, promptTokens: 2 }, prices)).toMatchObject({
      cost: (16n * CREDIT) / 100n,
      isEstimated: false,
      purchaseCost: undefined,
    });
  });

  it.each<[string, TaskUsage, { cost: bigint; isEstimated: boolean }]>([
    [
      'the tokens that the upstream counts',
      { inputTokens: 9, outputTokens: 272 },
      { cost: 2_765_000n, isEstimated: false },
    ],
    [
      'no more of them than were set aside',
      { inputTokens: 9, outputTokens: 9_000 },
      { cost: 62_445_000n, isEstimated: false },
    ],
    ['the most that it can be when the upstream does not say', {}, { cost: 62_410_000n, isEstimated: true }],
  ])('is, where they are priced by tokens, %s', (_name, reported, charged) => {
    const byToken = parsePrice({ inputPerMillion: '5', outputPerMillion: '10' });
    const asked = askedUsage(
      'image',
      { prompt: 'a cat', count: 1 },
      { durationSeconds: 0, resolution: '', hasAudio: false },
    );
    const held = holdOf(byToken, asked, ONE);
    expect(held).toBe(62_745_000n);
    const prices = { selling: byToken, purchase: undefined, multiplierMillionths: ONE, held };
    const made = { made: 1, wanted: 1, promptTokens: 2 };
    expect(chargeOf(asked, reported, made, prices)).toMatchObject({ ...charged, hasTokens: true });
  });
});
