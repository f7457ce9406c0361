import { describe, expect, it } from '@jest/globals';
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
  const planned = planPrices(data, [channel], QuotaRate.read(undefined, options), new Notes());
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
