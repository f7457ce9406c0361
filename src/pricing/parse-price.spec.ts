import type { DeclaredPrice } from '../common/declared-price.js';
import { checkPrice } from './check-price.js';
import { describePrice } from './describe-price.js';
import { isFree } from './is-free.js';
import { parseCredits } from './parse-credits.js';
import { parseMultiplier } from './parse-multiplier.js';
import { InvalidPriceError, parsePrice } from './parse-price.js';

describe('parsePrice', () => {
  it('makes every part exact, and fills in what follows from another', () => {
    const price = parsePrice({
      inputPerMillion: '2.5',
      outputPerMillion: '0.000000001',
      cachedInputPerMillion: '0',
      perRequest: '999999999.999999999',
    });
    expect(price).toEqual({
      rates: { input: 2_500_000_000n, cachedInput: 0n, cacheWrite: 2_500_000_000n, output: 1n, reasoning: 1n },
      tiers: [],
      perRequest: 999_999_999_999_999_999n,
      perAudioSecond: 0n,
      perMillionCharacters: 0n,
      perSearch: 0n,
      images: [],
      videos: [],
      serviceTiers: new Map(),
    });
  });

  it('cannot be changed afterwards', () => {
    const price = parsePrice({
      inputPerMillion: '1',
      perImage: '1',
      tiers: [{ aboveInputTokens: 1, inputPerMillion: '2' }],
      serviceTiers: { flex: { inputPerMillion: '0.5' } },
    });
    const flex = price.serviceTiers.get('flex');
    for (const part of [
      price,
      flex,
      flex?.rates,
      flex?.tiers,
      flex?.tiers[0],
      flex?.tiers[0]?.rates,
      price.rates,
      price.tiers,
      price.tiers[0],
      price.tiers[0]?.rates,
      price.images,
      price.images[0],
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('says everything that is wrong', () => {
    const wrong = { inputPerMillion: '1,5', perSecond: '1' } as DeclaredPrice;
    expect(() => parsePrice(wrong)).toThrow(InvalidPriceError);
    expect(() => parsePrice(wrong)).toThrow(/price\.inputPerMillion must be .*; price\.perSecond is not known/);
  });
});

describe('checkPrice', () => {
  const RATE = { inputPerMillion: '1' };
  const AMOUNT = 'must be a decimal number in quotes such as "2.5", with at most nine digits on each side';

  it.each<[unknown, string]>([
    [{}, ' must name at least one rate; "0" is free'],
    [undefined, ' must be a mapping'],
    [['1'], ' must be a mapping'],
    [{ inputPerMillion: 2.5 }, `inputPerMillion ${AMOUNT}`],
    [{ inputPerMillion: '-1' }, `inputPerMillion ${AMOUNT}`],
    [{ inputPerMillion: '1e3' }, `inputPerMillion ${AMOUNT}`],
    [{ inputPerMillion: '1\n' }, `inputPerMillion ${AMOUNT}`],
    [{ inputPerMillion: '1234567890' }, `inputPerMillion ${AMOUNT}`],
    [{ inputPerMillion: '0.1234567890' }, `inputPerMillion ${AMOUNT}`],
    [{ constructor: '1' }, 'constructor is not known'],
    [{ perImage: [] }, 'perImage must have 1 to 256 entries'],
    [
      { perImage: [{ size: '1', price: '1' }] },
      'perImage needs an entry without size and quality, for everything else',
    ],
    [{ perImage: [{ price: '1' }, { price: '2' }] }, 'perImage.1 says the same as an entry before it'],
    [
      { perImage: [{ price: '1' }, { quality: 'hd', price: '2' }, { quality: 'HD', price: '2' }] },
      'perImage.2 says the same as an entry before it',
    ],
    [{ perImage: [{}] }, 'perImage.0 needs `price`'],
    [
      { perImage: [{ price: '1', size: '' }] },
      'perImage.0.size must be a text of 1 to 64 characters, none of them control characters',
    ],
    [
      { perImage: [{ price: '1', size: 'a\0' }] },
      'perImage.0.size must be a text of 1 to 64 characters, none of them control characters',
    ],
    [
      { perImage: [{ price: '1', quality: '\ud800' }] },
      'perImage.0.quality must be a text of 1 to 64 characters, none of them control characters',
    ],
    [{ perImage: [{ price: '1', resolution: '720p' }] }, 'perImage.0.resolution is not known'],
    [{ perVideoSecond: [{ price: '1', audio: 'yes' }] }, 'perVideoSecond.0.audio must be true or false'],
    [
      { perVideoSecond: [{ audio: false, price: '1' }] },
      'perVideoSecond needs an entry without resolution and audio, for everything else',
    ],
    [{ tiers: {} }, 'tiers must be a list'],
    [{ tiers: [{ inputPerMillion: '1' }] }, 'tiers.0 needs `aboveInputTokens`'],
    [{ tiers: [{ aboveInputTokens: 5 }] }, 'tiers.0 must name at least one rate'],
    [
      { tiers: [{ aboveInputTokens: 0, inputPerMillion: '1' }] },
      'tiers.0.aboveInputTokens must be a whole number of at least 1',
    ],
    [
      { tiers: [5, 5].map((aboveInputTokens) => ({ aboveInputTokens, inputPerMillion: '1' })) },
      'tiers.1.aboveInputTokens says the same as a tier before it',
    ],
    [{ tiers: [{ aboveInputTokens: 5, perRequest: '1' }] }, 'tiers.0.perRequest is not known'],
    [{ serviceTiers: { flex: { inputPerMillion: '1' } } }, ' must name at least one rate; "0" is free'],
    ...(
      [
        [[], ' must be a mapping of service tiers'],
        [{}, ' must have 1 to 16 entries'],
        [Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`t${i}`, RATE])), ' must have 1 to 16 entries'],
        [{ Flex: RATE }, '.Flex must be a name of small letters, digits, "_" and "-", 64 at most'],
        [{ default: RATE }, '.default is what the price itself is for'],
        [{ on_demand: RATE }, '.on_demand is what the price itself is for'],
        [{ flex: {} }, '.flex must name at least one rate'],
        [{ flex: '1' }, '.flex must be a mapping'],
        [{ flex: { inputPerMillion: 1 } }, `.flex.inputPerMillion ${AMOUNT}`],
        [{ flex: { perRequest: '1' } }, '.flex.perRequest is not known'],
        [{ flex: { tiers: [{ aboveInputTokens: 5 }] } }, '.flex.tiers.0 must name at least one rate'],
      ] as const
    ).map(([serviceTiers, text]): [unknown, string] => [{ ...RATE, serviceTiers }, `serviceTiers${text}`]),
  ])('refuses %j', (price, expected) => {
    expect(checkPrice(price).map(({ path, text }) => `${path.join('.')} ${text}`)).toEqual([expected]);
  });
});

describe('parseCredits', () => {
  it('refuses what is no amount', () => {
    expect(() => parseCredits('')).toThrow(RangeError);
    expect(() => parseCredits('.5')).toThrow(RangeError);
  });
});

describe('parseMultiplier', () => {
  it.each([
    ['0', 0n],
    ['1', 1_000_000n],
    ['1.2', 1_200_000n],
    ['0.000001', 1n],
    ['1000', 1_000_000_000n],
  ])('reads %s', (text, millionths) => {
    expect(parseMultiplier(text)).toBe(millionths);
  });

  it.each(['', '-1', '1.0000001', '1000.000001', '1001', '1,2', 'x'])('refuses "%s"', (text) => {
    expect(() => parseMultiplier(text)).toThrow(RangeError);
  });
});

describe('isFree', () => {
  const ZERO: DeclaredPrice = { inputPerMillion: '0', outputPerMillion: '0.000', perImage: '0', perVideoSecond: '0' };

  it('is a price of which no part costs anything in the usual service tier', () => {
    expect(isFree(parsePrice(ZERO))).toBe(true);
    expect(isFree(parsePrice({ ...ZERO, serviceTiers: { priority: { inputPerMillion: '1' } } }))).toBe(true);
  });

  it.each<[DeclaredPrice]>([
    [{ outputPerMillion: '0.000000001' }],
    [{ reasoningPerMillion: '1' }],
    [{ perRequest: '1' }],
    [{ perAudioSecond: '1' }],
    [{ perMillionCharacters: '1' }],
    [{ perSearch: '1' }],
    [{ perImage: [{ price: '0' }, { quality: 'hd', price: '1' }] }],
    [{ perVideoSecond: [{ price: '0' }, { audio: true, price: '1' }] }],
    [{ tiers: [{ aboveInputTokens: 9, inputPerMillion: '1' }] }],
  ])('is not one with %j', (part) => {
    expect(isFree(parsePrice({ ...ZERO, ...part }))).toBe(false);
  });
});

describe('describePrice', () => {
  it.each<[DeclaredPrice, string]>([
    [{ inputPerMillion: '2.5', outputPerMillion: '10' }, '2.5 in, 10 out per 1M tokens'],
    [{ perImage: '0.04', perRequest: '1' }, '0.04 per image; 1 per request'],
    [
      { perAudioSecond: '0.0001', perMillionCharacters: '15', perSearch: '0.002' },
      '0.0001 per second of sound; 15 per 1M characters; 0.002 per search',
    ],
    [
      { perImage: [{ size: '1024x1024', quality: 'hd', price: '0.08' }, { price: '0.04' }] },
      '0.08 per hd 1024x1024 image; 0.04 per image',
    ],
    [
      {
        perVideoSecond: [
          { resolution: '720p', audio: true, price: '2' },
          { audio: false, price: '1' },
        ],
      },
      '2 per second of 720p video with sound; 1 per second of video without sound',
    ],
    [
      { inputPerMillion: '1', tiers: [{ aboveInputTokens: 9, inputPerMillion: '2' }] },
      '1 in per 1M tokens; above 9 prompt tokens 2 in per 1M tokens',
    ],
    [
      {
        inputPerMillion: '1',
        serviceTiers: {
          priority: { inputPerMillion: '2', tiers: [{ aboveInputTokens: 9, inputPerMillion: '3' }] },
          flex: { outputPerMillion: '0.5' },
        },
      },
      '1 in per 1M tokens; priority: 2 in per 1M tokens, above 9 prompt tokens 3 in per 1M tokens; flex: 0.5 out per 1M tokens',
    ],
  ])('says %j in words', (price, text) => {
    expect(describePrice(price)).toBe(text);
  });
});
