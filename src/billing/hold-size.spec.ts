import { describe, expect, it } from '@jest/globals';
import { AMOUNT_MAX } from '../common/credits.js';
import type { DeclaredPrice } from '../common/declared-price.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import { parsePrice } from '../pricing/parse-price.js';
import { PriceTable } from '../pricing/price-table.js';
import { holdSize } from './hold-size.js';
import type { Order, OutputBound } from './order.js';

const UNIT = 1_000_000n;
// One unit an input token, two an output token.
const PLAIN: DeclaredPrice = { inputPerMillion: '1000', outputPerMillion: '2000' };

function order(more: Partial<Order> = {}): Order {
  return {
    requestId: `req_${'0'.repeat(32)}`,
    payer: { accountId: '1000', keyId: '1', multiplierMillionths: MULTIPLIER_ONE, limits: [] },
    model: 'm-fix',
    outputTokensDefault: 500,
    endpoint: 'chat/completions',
    kind: 'sync',
    routes: [{ model: 'm', channelId: '1' }],
    prices: PriceTable.empty,
    promptTokens: 10,
    output: { kind: 'tokens', choices: 1 },
    userIdentifier: '',
    ...more,
  };
}

function sizeOf(more: Partial<Order>, ...prices: DeclaredPrice[]) {
  return holdSize(order(more), (prices.length === 0 ? [PLAIN] : prices).map(parsePrice), 100);
}

describe('the size of a hold for a service tier', () => {
  const TIERED: DeclaredPrice = {
    ...PLAIN,
    serviceTiers: {
      priority: { inputPerMillion: '2000', outputPerMillion: '4000' },
      flex: { outputPerMillion: '1000' },
    },
  };
  const output: OutputBound = { kind: 'tokens', cap: 20, choices: 1 };

  it.each<[string | undefined, bigint]>([
    [undefined, 50n],
    ['priority', 100n],
    // Whoever is asked for flex may serve as usual.
    ['flex', 50n],
    ['scale', 50n],
  ])('%s is that of the dearer of the tier and the usual price', (serviceTier, units) => {
    expect(sizeOf({ output, serviceTier }, TIERED).amount).toBe(units * UNIT);
  });

  it('bounds reasoning by the rates of the tier that it may be paid by', () => {
    const price = { ...TIERED, reasoningPerMillion: '500' };
    const dear = { ...price, serviceTiers: { priority: { reasoningPerMillion: '9000' } } };
    expect(sizeOf({ output }, dear).amount).toBe(50n * UNIT);
    expect(sizeOf({ output, serviceTier: 'priority' }, dear).amount).toBe(190n * UNIT);
  });
});

describe('the size of a hold', () => {
  it.each<[string, Partial<Order>, object]>([
    [
      "the caller's cap, for every choice",
      { output: { kind: 'tokens', cap: 20, choices: 3 } },
      { amount: 130n * UNIT, minimum: 130n * UNIT, isOpenEnded: false },
    ],
    [
      "the operator's cap, which must go upstream, for a whole answer without one",
      {},
      { amount: 1010n * UNIT, minimum: 1010n * UNIT, isOpenEnded: false, outputTokensCap: 500 },
    ],
    [
      'a slice for a stream without a cap, which may begin with less',
      { kind: 'stream' },
      { amount: 210n * UNIT, minimum: 42n * UNIT, isOpenEnded: true },
    ],
    [
      'the longest that sound can be, by tokens where these have the price',
      { output: { kind: 'sound', ms: 1000, msMax: 10_000 } },
      // 10 of the prompt, 320 heard; 64 and 160 written.
      { amount: (330n + 2n * 224n) * UNIT, isOpenEnded: false },
    ],
    [
      'the most tokens that speech may have, more of slow speech',
      { output: { kind: 'speech', characters: 40, speedPercent: 50 } },
      { amount: (10n + 2n * 480n) * UNIT, isOpenEnded: false },
    ],
    [
      'the prompt of a reranking',
      { output: { kind: 'searches', count: 1, countMax: 2 } },
      { amount: 10n * UNIT, isOpenEnded: false },
    ],
    ['the prompt alone for embeddings', { output: { kind: 'none' } }, { amount: 10n * UNIT, isOpenEnded: false }],
  ])('is %s', (_title, more, size) => {
    expect(sizeOf(more)).toMatchObject(size);
  });

  it.each<[string, OutputBound, DeclaredPrice, bigint]>([
    [
      'seconds, whole ones as vendors bill them',
      { kind: 'sound', ms: 1000, msMax: 10_001 },
      { perAudioSecond: '0.001' },
      11_000_000n,
    ],
    ['characters', { kind: 'speech', characters: 40, speedPercent: 100 }, { perMillionCharacters: '15' }, 600_000n],
    ['searches', { kind: 'searches', count: 1, countMax: 3 }, { perSearch: '0.002' }, 6_000_000n],
  ])('bounds %s', (_what, output, price, amount) => {
    expect(sizeOf({ output }, price)).toEqual({ amount, minimum: amount, isOpenEnded: false });
  });

  it('is that of the dearest channel', () => {
    const output: OutputBound = { kind: 'tokens', cap: 10, choices: 1 };
    expect(sizeOf({ output }, PLAIN, { inputPerMillion: '1', outputPerMillion: '9000' }).amount).toBeGreaterThan(
      90n * UNIT,
    );
  });

  it('allows for what a provider may call the tokens', () => {
    const output: OutputBound = { kind: 'tokens', cap: 10, choices: 1 };
    const price = { ...PLAIN, cacheWritePerMillion: '3000', reasoningPerMillion: '5000' };
    expect(sizeOf({ output }, price).amount).toBe(80n * UNIT);
    expect(sizeOf({ output }, { ...PLAIN, cachedInputPerMillion: '1', reasoningPerMillion: '1' }).amount).toBe(
      30n * UNIT,
    );
  });

  it('asks for no cap where output is free', () => {
    expect(sizeOf({}, { inputPerMillion: '1000', outputPerMillion: '0' })).toEqual({
      amount: 10n * UNIT,
      minimum: 10n * UNIT,
      isOpenEnded: false,
    });
  });

  it('counts pictures by size and quality, and by tokens where these are priced', () => {
    const output: OutputBound = { kind: 'images', count: 2, size: '1024x1024', quality: 'low' };
    expect(sizeOf({ output }, { perImage: '0.004' }).amount).toBe(8n * UNIT);
    expect(sizeOf({ output }, PLAIN).amount).toBe((10n + 2n * 2n * 272n) * UNIT);
    expect(sizeOf({ output: { kind: 'images', count: 1 } }, PLAIN).amount).toBe((10n + 2n * 6240n) * UNIT);
  });

  it('allows for a picture in each choice of a conversation with a model that is paid by them', () => {
    const output: OutputBound = { kind: 'tokens', cap: 10, choices: 2 };
    expect(sizeOf({ output }, { perImage: '0.004' })).toMatchObject({ amount: 8n * UNIT, isOpenEnded: false });
    expect(sizeOf({ output: { kind: 'tokens', choices: 1 } }, { perImage: '0.004' }).amount).toBe(4n * UNIT);
  });

  it('of an absurd cap is more than any account has, not an error', () => {
    const output: OutputBound = { kind: 'tokens', cap: Number.MAX_SAFE_INTEGER, choices: 128 };
    expect(sizeOf({ output }, { outputPerMillion: '999999999' }).amount).toBe(AMOUNT_MAX);
  });
});
