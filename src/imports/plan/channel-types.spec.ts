import { VENDORS } from '../../providers/vendors.js';
import { channelTypeOf, placeOf } from './channel-types.js';

const place = (product: 'one-api' | 'new-api', type: number, baseUrl = '') =>
  placeOf(channelTypeOf(product, type)!, baseUrl);

describe('a kind of channel', () => {
  it('is one of a provider that the hub has', () => {
    const ids = VENDORS.map(({ id }) => id);
    for (const product of ['one-api', 'new-api'] as const)
      for (let type = 0; type < 200; type++)
        expect([undefined, ...ids]).toContain(channelTypeOf(product, type)?.provider);
  });

  it('is numbered differently by the two products', () => {
    expect(place('one-api', 27)).toEqual({ provider: 'minimax', baseUrl: 'https://api.minimaxi.com/v1' });
    expect(place('new-api', 27)).toEqual({ provider: 'perplexity' });
    expect(channelTypeOf('new-api', 2)).toBeUndefined();
    expect(channelTypeOf('one-api', 3)).toBeUndefined();
    expect(channelTypeOf('one-api', Number.NaN)).toBeUndefined();
  });

  it.each([
    ['one-api', 1, '', { provider: 'openai' }],
    ['one-api', 1, 'https://api.openai.com/', { provider: 'openai' }],
    ['one-api', 1, 'https://a.example', { provider: 'openai-compatible', baseUrl: 'https://a.example/v1' }],
    ['one-api', 1, 'https://a.example/v1/', { provider: 'openai-compatible', baseUrl: 'https://a.example/v1' }],
    ['one-api', 8, '', undefined],
    [
      'new-api',
      8,
      'https://a.example/x/chat/completions',
      { provider: 'openai-compatible', baseUrl: 'https://a.example/x' },
    ],
    ['new-api', 17, 'https://b.example', { provider: 'dashscope', baseUrl: 'https://b.example/compatible-mode/v1' }],
    ['one-api', 14, '', { provider: 'anthropic' }],
    ['new-api', 14, 'https://a.example/x/', { provider: 'anthropic', baseUrl: 'https://a.example/x' }],
    ['new-api', 24, 'https://proxy.example', undefined],
    [
      ...(['new-api', 24, ''] as const),
      { provider: 'openai-compatible', baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai' },
    ],
    ['new-api', 26, 'glm-coding-plan', { provider: 'zhipu', baseUrl: 'https://open.bigmodel.cn/api/coding/paas/v4' }],
  ] as const)('of %s %i with the base URL %j is %j', (product, type, baseUrl, expected) => {
    expect(place(product, type, baseUrl)).toEqual(expected);
  });
});
