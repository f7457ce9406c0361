import { describe, expect, it } from '@jest/globals';
import { NO_USAGE } from '../../pricing/billable-usage.js';
import { costOf, MULTIPLIER_ONE } from '../../pricing/cost-of.js';
import { parsePrice } from '../../pricing/parse-price.js';
import { VENDORS } from '../../providers/vendors.js';
import type { SourceData } from '../source/read-source.js';
import type { PlannedChannel } from './import-plan.js';
import { Notes } from './notes.js';
import { planPrices } from './plan-prices.js';
import { QuotaRate } from './quota-rate.js';

const RATIOS = { 'whisper-1': 15, 'tts-1': 7.5, 'tts-1-hd': 15, 'gpt-4o-mini-tts': 0.3 };

function pricesOf(product: SourceData['product']): Record<string, object> {
  const options = new Map([['ModelRatio', JSON.stringify(RATIOS)]]);
  const data = { product, users: [], tokens: [], channels: [], redemptions: [], options };
  const channel: PlannedChannel = {
    sourceId: '1',
    name: 'openai',
    provider: 'openai',
    credentials: [],
    isEnabled: true,
    priority: 0,
    weight: 1,
    groups: [],
    models: new Map(Object.keys(RATIOS).map((model) => [model, model])),
  };
  const planned = planPrices(data, [channel], VENDORS, QuotaRate.read(undefined, options), new Notes());
  return Object.fromEntries(planned.map(({ model, price }) => [model, price]));
}

describe('prices of sound that are taken over', () => {
  it('go by characters of text that is spoken', () => {
    for (const product of ['one-api', 'new-api'] as const) {
      expect(pricesOf(product)).toMatchObject({
        'tts-1': { perMillionCharacters: '15' },
        'tts-1-hd': { perMillionCharacters: '30' },
      });
    }
  });

  it('go by the minute in new-api, and by the transcript in one-api', () => {
    expect(pricesOf('new-api')['whisper-1']).toEqual({ perAudioSecond: '0.0005' });
    expect(pricesOf('one-api')['whisper-1']).toEqual({ outputPerMillion: '30' });
  });

  it('go by tokens for models that are paid by them', () => {
    expect(pricesOf('new-api')['gpt-4o-mini-tts']).toMatchObject({ inputPerMillion: '0.6' });
  });
});

type Options = Readonly<Record<string, Readonly<Record<string, number | string>>>>;

/** Prices of a new-api with these options, and what is said of them. */
function newApi(options: Options, upstream: Readonly<Record<string, string>> = {}, provider = 'openai') {
  const texts = new Map(Object.entries(options).map(([key, value]) => [key, JSON.stringify(value)]));
  const names = Object.values(options).flatMap((option) => Object.keys(option));
  const channel: PlannedChannel = {
    ...{ sourceId: '1', name: 'c', provider, credentials: [], isEnabled: true, priority: 0, weight: 1, groups: [] },
    models: new Map(names.map((name) => [name, upstream[name] ?? name])),
  };
  const notes = new Notes();
  const data = { product: 'new-api' as const, users: [], tokens: [], channels: [], redemptions: [], options: texts };
  const planned = planPrices(data, [channel], VENDORS, QuotaRate.read(undefined, texts), notes);
  return {
    prices: Object.fromEntries(planned.map(({ model, price }) => [model, price])),
    warnings: notes.warnings.map(({ subject, text }) => `${subject} ${text}`),
  };
}

describe('a price by the call of new-api', () => {
  it.each([
    ['a picture', 'flux-1.1-pro', 'openai', { perImage: '0.04' }],
    ['a picture behind another name', 'my-pictures', 'dashscope', { perImage: '0.04' }, 'qwen-image'],
    ['a request of one that chats', 'mj-like-chat', 'openai', { perRequest: '0.04' }],
    ['a request of one that chats and draws', 'gemini-2.5-flash-image', 'gemini', { perRequest: '0.04' }],
    ['a request of speech', 'gpt-4o-mini-tts', 'openai', { perRequest: '0.04' }],
    ['a request of transcripts', 'whisper-1', 'openai', { perRequest: '0.04' }],
    ['a video', 'kling-v2-6', 'kling', { perRequest: '0.04' }],
    [
      ...(['a second of Sora, and more in large', 'sora-2-pro', 'openai'] as const),
      { perVideoSecond: [{ resolution: '1024p', price: '0.06666668' }, { price: '0.04' }] },
    ],
  ] as const)('is that of %s: %s', (_what, model, provider, price, upstream: string = model) => {
    const { prices } = newApi({ ModelPrice: { [model]: 0.04 } }, { [model]: upstream }, provider);
    expect(prices[model]).toEqual(price);
  });

  it('of DALL-E goes by size and quality, as there', () => {
    const price = parsePrice(newApi({ ModelPrice: { 'dall-e-3': 0.04, 'dall-e-2': 0.02 } }).prices['dall-e-3']!);
    const cost = (imageSize?: string, imageQuality?: string) =>
      costOf(price, { ...NO_USAGE, images: 2, imageSize, imageQuality }, MULTIPLIER_ONE);
    expect([cost(), cost('1024x1024', 'standard'), cost('1024x1024', 'hd')]).toEqual([
      80_000_000n,
      80_000_000n,
      160_000_000n,
    ]);
    expect([cost('1792x1024'), cost('1024x1792', 'hd')]).toEqual([160_000_000n, 240_000_000n]);
    const older = parsePrice(newApi({ ModelPrice: { 'dall-e-2': 0.02 } }).prices['dall-e-2']!);
    const small = { ...NO_USAGE, images: 1, imageSize: '256x256' };
    expect(costOf(older, small, MULTIPLIER_ONE)).toBe(8_000_000n);
  });

  it('is said to be inexact where versions differ', () => {
    const { warnings } = newApi({ ModelPrice: { 'kling-v2-6': 0.3 } }, {}, 'kling');
    expect(warnings).toContain(
      'model "kling-v2-6" costs this a video; some versions of new-api multiply it by the seconds or the size',
    );
  });
});

describe('ratios of new-api for caches, pictures and sound', () => {
  it('are prices of cached tokens', () => {
    const { prices, warnings } = newApi({
      ModelRatio: { 'claude-sonnet-4-20250514': 1.5, 'claude-opus-4-20250514': 7.5, 'gpt-4o': 1.25 },
      CacheRatio: { 'claude-sonnet-4-20250514': 0.1, 'gpt-4o': 0.5 },
      CreateCacheRatio: { 'claude-sonnet-4-20250514': 1.2 },
    });
    expect(prices['claude-sonnet-4-20250514']).toMatchObject({
      cachedInputPerMillion: '0.3',
      cacheWritePerMillion: '3.6',
    });
    expect(prices['claude-opus-4-20250514']).toMatchObject({ inputPerMillion: '15', cacheWritePerMillion: '18.75' });
    expect(prices['claude-opus-4-20250514']).not.toHaveProperty('cachedInputPerMillion');
    expect(prices['gpt-4o']).toEqual({ inputPerMillion: '2.5', outputPerMillion: '10', cachedInputPerMillion: '1.25' });
    expect(warnings).toContain(
      'model "claude-opus-4-20250514" has no CreateCacheRatio; 1.25, which is built into new-api, was taken',
    );
    expect(warnings.join()).not.toContain('has no CacheRatio that can be read');
  });

  it('are the price of what a model for speech answers, which is all sound', () => {
    const { prices } = newApi({
      ModelRatio: { 'gpt-4o-mini-tts': 0.3 },
      AudioRatio: { 'gpt-4o-mini-tts': 25 },
      AudioCompletionRatio: { 'gpt-4o-mini-tts': 0.8 },
    });
    expect(prices['gpt-4o-mini-tts']).toEqual({ inputPerMillion: '0.6', outputPerMillion: '12' });
  });

  it('are said where pictures or sound stand beside text, for which there is no price', () => {
    const { prices, warnings } = newApi({
      ModelRatio: {
        'gpt-image-1': 2.5,
        'gpt-4o-audio-preview': 1.25,
        'gpt-4o-transcribe': 1.25,
        'tts-1': 7.5,
        plain: 1,
      },
      ImageRatio: { 'gpt-image-1': 2, plain: 1 },
      AudioRatio: { 'gpt-4o-audio-preview': 16, 'gpt-4o-transcribe': 16, plain: 1 },
      AudioCompletionRatio: { 'gpt-4o-audio-preview': 2, 'tts-1': 0 },
    });
    const ofMedia = warnings.filter((text) => text.includes('was not taken'));
    expect(ofMedia).toEqual([
      'model "gpt-4o-audio-preview" has a ratio for sound, which was not taken: tokens of sound cost as others',
      'model "gpt-image-1" has the ImageRatio 2, which was not taken: tokens of pictures cost as others',
    ]);
    expect(prices['tts-1']).toEqual({ perMillionCharacters: '15' });
  });

  it('are no price where an expression is the price', () => {
    const { prices, warnings } = newApi({
      ModelRatio: { 'gpt-4o': 1.25, drawing: 1, other: 1 },
      'billing_setting.billing_mode': { 'gpt-4o': 'tiered_expr', drawing: 'tiered_expr', other: 'ratio' },
      'billing_setting.billing_expr': {
        'gpt-4o': 'tier("base", p * 9 + c * 18)',
        drawing: 'tier("base", p * 2 + img * 5)',
        other: 'tier("base", p * 7)',
      },
    });
    expect(prices).toEqual({
      'gpt-4o': { inputPerMillion: '9', outputPerMillion: '18' },
      other: { inputPerMillion: '2', outputPerMillion: '2' },
    });
    expect(warnings).toContain(
      'model "drawing" has no price: set one with price:set for what its expression there says (tier("base", p * 2 + img * 5))',
    );
  });

  it('are missed once where the database has none', () => {
    expect(newApi({ ModelRatio: { a: 1, b: 1 } }).warnings.filter((text) => text.includes('CacheRatio'))).toEqual([
      'prices the database has no CacheRatio that can be read: cached tokens cost as other input',
    ]);
  });
});
