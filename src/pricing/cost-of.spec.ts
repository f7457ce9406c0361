import fc from 'fast-check';
import type { DeclaredPrice, DeclaredRates } from '../common/declared-price.js';
import { type BillableUsage, NO_USAGE } from './billable-usage.js';
import { CostOutOfRangeError, costOf, MULTIPLIER_ONE } from './cost-of.js';
import { parsePrice } from './parse-price.js';

const cost = (price: DeclaredPrice, usage: Partial<BillableUsage>, multiplier = MULTIPLIER_ONE) =>
  costOf(parsePrice(price), { ...NO_USAGE, ...usage }, multiplier);

describe('costOf', () => {
  it('rounds each request up on its own: 37.5 nano are 38, a thousand times', () => {
    const price = { inputPerMillion: '0.0375' };
    const costs = Array.from({ length: 1000 }, () => cost(price, { inputTokens: 1 }));
    expect(new Set(costs)).toEqual(new Set([38n]));
    expect(costs.reduce((sum, each) => sum + each)).toBe(38_000n);
  });

  it('rounds once, after everything was added up', () => {
    // 0.5 nano thrice: 2 together, 3 when rounded one by one.
    const price = { inputPerMillion: '0.0005', outputPerMillion: '0.0005', cachedInputPerMillion: '0.0005' };
    expect(cost(price, { inputTokens: 2, cachedInputTokens: 1, outputTokens: 1 })).toBe(2n);
    expect(cost({ inputPerMillion: '0.0005' }, { inputTokens: 1 }, 1_500_000n)).toBe(1n);
  });

  it.each<[string, DeclaredPrice, Partial<BillableUsage>, bigint]>([
    [
      'tokens',
      { inputPerMillion: '2.5', outputPerMillion: '10' },
      { inputTokens: 1000, outputTokens: 100 },
      3_500_000n,
    ],
    ['nothing used', { inputPerMillion: '2.5' }, {}, 0n],
    ['the request itself', { perRequest: '0.005' }, {}, 5_000_000n],
    ['pictures', { perImage: '0.04' }, { images: 3 }, 120_000_000n],
    ['seconds of video', { perVideoSecond: '0.1' }, { videoMs: 5500 }, 550_000_000n],
    ['seconds of sound', { perAudioSecond: '0.0001' }, { audioMs: 61_500 }, 6_150_000n],
    ['a part of a nano of sound', { perAudioSecond: '0.000000001' }, { audioMs: 1 }, 1n],
    ['characters', { perMillionCharacters: '15' }, { characters: 4_096 }, 61_440_000n],
    ['one character of many for a nano', { perMillionCharacters: '0.000000001' }, { characters: 1 }, 1n],
    ['searches', { perSearch: '0.002' }, { searches: 3 }, 6_000_000n],
    ['a part of a nano of video', { perVideoSecond: '0.000000001' }, { videoMs: 1 }, 1n],
    [
      'everything together',
      { inputPerMillion: '1', perRequest: '1', perImage: '1' },
      { inputTokens: 1, images: 1 },
      2_000_001_000n,
    ],
    ['what is not named', { perImage: '0.04' }, { inputTokens: 1000, outputTokens: 1000 }, 0n],
  ])('charges %s', (_what, price, usage, expected) => {
    expect(cost(price, usage)).toBe(expected);
  });

  it('charges parts of the prompt and the answer at their own rates, and at those of the whole where there are none', () => {
    const usage = {
      inputTokens: 100,
      cachedInputTokens: 60,
      cacheWriteTokens: 30,
      outputTokens: 50,
      reasoningTokens: 40,
    };
    const whole = { inputPerMillion: '1', outputPerMillion: '10' };
    const parts = { cachedInputPerMillion: '0.1', cacheWritePerMillion: '2', reasoningPerMillion: '20' };
    expect(cost(whole, usage)).toBe(100n * 1000n + 50n * 10_000n);
    expect(cost({ ...whole, ...parts }, usage)).toBe(
      10n * 1000n + 60n * 100n + 30n * 2000n + 10n * 10_000n + 40n * 20_000n,
    );
  });

  it('charges no token twice when a part is larger than its whole', () => {
    const price = { inputPerMillion: '1', cacheWritePerMillion: '2', outputPerMillion: '1' };
    const usage = { inputTokens: 10, cachedInputTokens: 20, cacheWriteTokens: 20, outputTokens: 5, reasoningTokens: 9 };
    expect(cost(price, usage)).toBe(15_000n);
  });

  describe('tiers', () => {
    const price = {
      inputPerMillion: '1',
      outputPerMillion: '10',
      tiers: [
        { aboveInputTokens: 100, inputPerMillion: '2' },
        { aboveInputTokens: 1000, inputPerMillion: '3', outputPerMillion: '30' },
      ],
    };

    it.each([
      [100, 100n * 1000n + 10_000n],
      [101, 101n * 2000n + 10_000n],
      [1000, 1000n * 2000n + 10_000n],
      [1001, 1001n * 3000n + 30_000n],
    ])('charge all of a prompt of %d tokens at one rate', (inputTokens, expected) => {
      expect(cost(price, { inputTokens, outputTokens: 1 })).toBe(expected);
    });

    it('take the cached rate along only where they name it', () => {
      const cached = { ...price, cachedInputPerMillion: '0.5' };
      expect(cost(cached, { inputTokens: 101, cachedInputTokens: 101 })).toBe(101n * 500n);
      expect(cost(price, { inputTokens: 101, cachedInputTokens: 101 })).toBe(101n * 2000n);
    });
  });

  describe('service tiers', () => {
    const price = {
      inputPerMillion: '2',
      cachedInputPerMillion: '0.2',
      outputPerMillion: '10',
      perRequest: '0.000001',
      serviceTiers: {
        priority: { inputPerMillion: '4', outputPerMillion: '20' },
        flex: { inputPerMillion: '1', cachedInputPerMillion: '0.1', outputPerMillion: '5' },
      },
    };
    const usage = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 3 };

    it.each<[string | undefined, bigint]>([
      [undefined, 6n * 2000n + 4n * 200n + 3n * 10_000n],
      ['default', 6n * 2000n + 4n * 200n + 3n * 10_000n],
      ['scale', 6n * 2000n + 4n * 200n + 3n * 10_000n],
      ['priority', 6n * 4000n + 4n * 200n + 3n * 20_000n],
      ['flex', 6n * 1000n + 4n * 100n + 3n * 5000n],
    ])('charge tokens served in %s by its rates, and what it does not name as usual', (serviceTier, tokens) => {
      expect(cost(price, { ...usage, serviceTier })).toBe(tokens + 1000n);
    });

    it.each<[string, number, bigint]>([
      ['flex', 100, 1000n],
      // Long prompts are dearer than flex: nobody has said what both together cost.
      ['flex', 101, 3000n],
      ['priority', 101, 4000n],
      ['scale', 100, 5000n],
      ['scale', 101, 5000n],
      ['scale', 201, 9000n],
    ])(
      'charge a prompt in %s of %d tokens at its own long rate, else at the dearer',
      (serviceTier, inputTokens, rate) => {
        const tiers = [{ aboveInputTokens: 100, inputPerMillion: '3' }];
        const scale = { inputPerMillion: '5', tiers: [{ aboveInputTokens: 200, inputPerMillion: '9' }] };
        const long = { ...price, perRequest: '0', tiers, serviceTiers: { ...price.serviceTiers, scale } };
        expect(cost(long, { inputTokens, serviceTier })).toBe(BigInt(inputTokens) * rate);
      },
    );

    it('cost what a plain price with their numbers costs, whatever the price and the usage', () => {
      const tier = fc.record({ rates: declaredRates(), tiers: fc.option(longTiers(), { nil: undefined }) });
      fc.assert(
        fc.property(declaredRates(), amounts(), tier, usages(), (base, others, { rates, tiers }, used) => {
          const named = definedOf(rates);
          fc.pre(Object.keys(named).length > 0 && Object.values(base).some((rate) => rate !== undefined));
          const declared = { ...base, ...others, serviceTiers: { priority: { ...named, ...(tiers && { tiers }) } } };
          const plain = { ...base, ...others, ...named, ...(tiers && { tiers }) };
          const served = { ...used, serviceTier: 'priority' };
          expect(boundedCost(declared, served)).toBe(boundedCost(plain, used));
          expect(boundedCost(declared, used)).toBe(boundedCost({ ...base, ...others }, used));
        }),
        { numRuns: 1000 },
      );
    });

    it('never cost less for a long prompt than it costs as usual, unless they say so', () => {
      fc.assert(
        fc.property(declaredRates(), longTiers(), declaredRates(), usages(), (base, tiers, rates, used) => {
          const named = definedOf(rates);
          fc.pre(Object.keys(named).length > 0);
          const least = tiers.reduce((min, { aboveInputTokens }) => Math.min(min, aboveInputTokens), 2 ** 31);
          fc.pre(used.inputTokens > least);
          const declared = { ...base, tiers, serviceTiers: { flex: named } };
          const served = boundedCost(declared, { ...used, serviceTier: 'flex' });
          expect(served >= boundedCost({ ...base, tiers }, used)).toBe(true);
          expect(served >= boundedCost({ ...base, ...named }, used)).toBe(true);
        }),
        { numRuns: 500 },
      );
    });
  });

  describe('pictures', () => {
    const price: DeclaredPrice = {
      perImage: [
        { price: '1' },
        { quality: 'hd', price: '2' },
        { size: '1792x1024', price: '3' },
        { size: '1792x1024', quality: 'hd', price: '4' },
      ],
    };

    it.each<[string | undefined, string | undefined, bigint]>([
      [undefined, undefined, 1n],
      ['1024x1024', 'standard', 1n],
      ['1024x1024', 'HD', 2n],
      ['1792X1024', undefined, 3n],
      ['1792x1024', 'standard', 3n],
      ['1792x1024', 'hd', 4n],
    ])('of size %s and quality %s have the price that fits best', (imageSize, imageQuality, credits) => {
      expect(cost(price, { images: 1, imageSize, imageQuality })).toBe(credits * 10n ** 9n);
    });
  });

  describe('videos', () => {
    const price: DeclaredPrice = {
      perVideoSecond: [
        { resolution: '720p', price: '1' },
        { resolution: '720p', audio: true, price: '2' },
        { audio: true, price: '3' },
        { price: '4' },
      ],
    };

    it.each<[string | undefined, boolean | undefined, bigint]>([
      ['720p', false, 1n],
      ['720p', undefined, 1n],
      ['720P', true, 2n],
      ['1080p', true, 3n],
      ['1080p', false, 4n],
      [undefined, undefined, 4n],
    ])('of resolution %s, sound %s, have the price that fits best', (videoResolution, hasAudio, credits) => {
      expect(cost(price, { videoMs: 1000, videoResolution, hasAudio })).toBe(credits * 10n ** 9n);
    });
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53])('refuses %d as a count', (bad) => {
    for (const name of [
      'inputTokens',
      'cachedInputTokens',
      'cacheWriteTokens',
      'outputTokens',
      'reasoningTokens',
      'images',
      'videoMs',
      'audioMs',
      'characters',
      'searches',
    ]) {
      expect(() => cost({ perRequest: '1' }, { [name]: bad })).toThrow(`${name} is no count`);
    }
  });

  it('refuses a cost that no account could hold, and no other', () => {
    const price = { perRequest: '999999999.999999999' };
    expect(cost(price, {}, 9_000_000n)).toBe(8_999_999_999_999_999_991n);
    expect(() => cost(price, {}, 10_000_000n)).toThrow(CostOutOfRangeError);
    expect(() => cost({ inputPerMillion: '999999999' }, { inputTokens: Number.MAX_SAFE_INTEGER })).toThrow(
      CostOutOfRangeError,
    );
  });

  it('is free at a multiplier of 0, and refuses one below', () => {
    expect(cost({ perRequest: '1' }, {}, 0n)).toBe(0n);
    expect(() => cost({ perRequest: '1' }, {}, -1n)).toThrow(RangeError);
  });

  it('agrees with fractions of whole numbers, whatever the price and the usage', () => {
    fc.assert(
      fc.property(
        declaredRates(),
        amounts(),
        usages(),
        fc.bigInt(0n, 1_000_000_000n),
        (rates, others, usage, multiplier) => {
          const { perRequest, perImage, perVideoSecond, perAudioSecond, perMillionCharacters, perSearch } = others;
          const sum = [
            ...tokenTerms(rates, usage),
            times(perRequest, 1, 1),
            times(perImage, usage.images, 1),
            times(perVideoSecond, usage.videoMs, 1000),
            times(perAudioSecond, usage.audioMs, 1000),
            times(perMillionCharacters, usage.characters, 1_000_000),
            times(perSearch, usage.searches, 1),
          ].reduce(plus);
          const exact = { n: sum.n * 10n ** 9n * multiplier, d: sum.d * 1_000_000n };
          const expected = exact.n / exact.d + (exact.n % exact.d === 0n ? 0n : 1n);
          fc.pre(expected < 2n ** 63n);
          expect(cost({ ...rates, ...others }, usage, multiplier)).toBe(expected);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** A fraction; the model that the arithmetic is held against knows nothing of nano-credits or millions. */
interface Fraction {
  readonly n: bigint;
  readonly d: bigint;
}

const plus = (a: Fraction, b: Fraction): Fraction => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });

/** credits * units / per */
function times(credits: string | undefined, units: number, per: number): Fraction {
  if (credits === undefined) return { n: 0n, d: 1n };
  const [whole = '', fraction = ''] = credits.split('.');
  return { n: BigInt(whole + fraction) * BigInt(units), d: 10n ** BigInt(fraction.length) * BigInt(per) };
}

function tokenTerms(rates: DeclaredRates, usage: BillableUsage): Fraction[] {
  const M = 1_000_000;
  const plain = usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens;
  return [
    times(rates.inputPerMillion, plain, M),
    times(rates.cachedInputPerMillion ?? rates.inputPerMillion, usage.cachedInputTokens, M),
    times(rates.cacheWritePerMillion ?? rates.inputPerMillion, usage.cacheWriteTokens, M),
    times(rates.outputPerMillion, usage.outputTokens - usage.reasoningTokens, M),
    times(rates.reasoningPerMillion ?? rates.outputPerMillion, usage.reasoningTokens, M),
  ];
}

function credits() {
  const digits = fc.stringMatching(/^[0-9]{1,9}$/);
  return fc.oneof(
    fc.constantFrom('0', '0.0375', '0.000000001', '2.5'),
    fc.stringMatching(/^[0-9]{1,4}$/),
    fc.tuple(fc.stringMatching(/^[0-9]{1,3}$/), digits).map(([whole, fraction]) => `${whole}.${fraction}`),
  );
}

function declaredRates() {
  const rate = fc.option(credits(), { nil: undefined });
  return fc.record({
    inputPerMillion: rate,
    outputPerMillion: rate,
    cachedInputPerMillion: rate,
    cacheWritePerMillion: rate,
    reasoningPerMillion: rate,
  });
}

/** More than any account could hold where the cost is. */
function boundedCost(price: DeclaredPrice, usage: BillableUsage): bigint {
  try {
    return cost(price, usage);
  } catch (error) {
    if (error instanceof CostOutOfRangeError) return 2n ** 63n;
    throw error;
  }
}

function definedOf(rates: DeclaredRates): DeclaredRates {
  return Object.fromEntries(Object.entries(rates).filter(([, rate]) => rate !== undefined));
}

function longTiers() {
  const tier = fc.record({ aboveInputTokens: fc.integer({ min: 1, max: 3_000_000 }), inputPerMillion: credits() });
  return fc.uniqueArray(tier, { minLength: 1, maxLength: 3, selector: ({ aboveInputTokens }) => aboveInputTokens });
}

function amounts() {
  const amount = fc.option(credits(), { nil: undefined });
  return fc.record({
    perRequest: amount,
    perImage: amount,
    perVideoSecond: amount,
    perAudioSecond: amount,
    perMillionCharacters: amount,
    perSearch: amount,
  });
}

function usages() {
  const count = fc.oneof(fc.nat(10), fc.nat(2_000_000));
  const few = fc.nat(20);
  return fc.tuple(count, count, count, count, count, few, fc.nat(600_000), fc.nat(600_000), fc.nat(5_000), few).map(
    ([plain, cached, written, spoken, reasoning, images, videoMs, audioMs, characters, searches]): BillableUsage => ({
      inputTokens: plain + cached + written,
      cachedInputTokens: cached,
      cacheWriteTokens: written,
      outputTokens: spoken + reasoning,
      reasoningTokens: reasoning,
      images,
      videoMs,
      audioMs,
      characters,
      searches,
    }),
  );
}
