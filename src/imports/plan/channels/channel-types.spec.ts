import { VENDORS } from '../../../providers/vendors.js';
import { channelTypeOf, placeOf, unservedTypeOf } from './channel-types.js';

const place = (product: 'one-api' | 'new-api', type: number, baseUrl = '') =>
  placeOf(channelTypeOf(product, type)!, baseUrl);

describe('a kind of channel', () => {
  it('is one of a provider that the hub has', () => {
    const ids = VENDORS.map(({ id }) => id);
    for (const product of ['one-api', 'new-api'] as const)
      for (let type = 0; type < 200; type++)
        expect([undefined, ...ids]).toContain(channelTypeOf(product, type)?.provider);
  });

  it('is served or has a reason why not, for every number of the products', () => {
    const lasts = { 'one-api': 51, 'new-api': 57 } as const;
    // Numbers that new-api gives to no kind.
    const gaps = [28, 29, 30, 32];
    for (const [product, last] of Object.entries(lasts) as ['one-api' | 'new-api', number][])
      for (let type = 1; type <= last; type++) {
        if (product === 'new-api' && gaps.includes(type)) continue;
        const found = [channelTypeOf(product, type), unservedTypeOf(product, type)];
        expect([product, type, found.filter((one) => one !== undefined).length]).toEqual([product, type, 1]);
      }
  });

  it('is numbered differently by the two products', () => {
    expect(place('one-api', 27)).toEqual({ provider: 'minimax', baseUrl: 'https://api.minimaxi.com/v1' });
    expect(place('new-api', 27)).toEqual({ provider: 'perplexity' });
    expect(channelTypeOf('new-api', 2)).toBeUndefined();
    expect(channelTypeOf('one-api', 43)).toBeUndefined();
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
    ['new-api', 24, '', { provider: 'gemini' }],
    ['one-api', 24, 'https://generativelanguage.googleapis.com/', { provider: 'gemini' }],
    ['new-api', 24, 'https://proxy.example', { provider: 'gemini', baseUrl: 'https://proxy.example/v1beta' }],
    [
      ...(['one-api', 51, ''] as const),
      { provider: 'openai-compatible', baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai' },
    ],
    ['new-api', 34, '', { provider: 'cohere' }],
    ['one-api', 35, 'https://c.example/', { provider: 'cohere', baseUrl: 'https://c.example' }],
    ['new-api', 38, '', { provider: 'jina' }],
    ['new-api', 52, '', { provider: 'vidu', baseUrl: 'https://api.vidu.cn' }],
    ['new-api', 55, 'https://s.example', { provider: 'openai-compatible', baseUrl: 'https://s.example/v1' }],
    ['new-api', 56, 'https://r.example', { provider: 'replicate', baseUrl: 'https://r.example/v1' }],
    ['one-api', 46, 'https://api.replicate.com/v1/models/', { provider: 'replicate' }],
    ['one-api', 46, 'https://r.example/v1/models/', { provider: 'replicate', baseUrl: 'https://r.example/v1' }],
    [
      ...(['one-api', 1, 'https://gateway.ai.cloudflare.com/v1/a/g/openai'] as const),
      { provider: 'openai-compatible', baseUrl: 'https://gateway.ai.cloudflare.com/v1/a/g/openai' },
    ],
    ['new-api', 26, 'glm-coding-plan', { provider: 'zhipu', baseUrl: 'https://open.bigmodel.cn/api/coding/paas/v4' }],
  ] as const)('of %s %i with the base URL %j is %j', (product, type, baseUrl, expected) => {
    expect(place(product, type, baseUrl)).toEqual(expected);
  });
});
