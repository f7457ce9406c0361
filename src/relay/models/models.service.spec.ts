import type { Caller } from '../../auth/caller.js';
import { capabilitiesOf } from '../../capabilities/capabilities-of.js';
import type { Catalog, CatalogChannel, CatalogModel } from '../../channels/catalog.types.js';
import type { DeclaredPrice } from '../../common/declared-price.js';
import { parsePrice } from '../../pricing/parse-price.js';
import { PriceTable } from '../../pricing/price-table.js';
import { sandboxProvider } from '../../providers/adapters/sandbox/sandbox-provider.js';
import { VENDORS } from '../../providers/vendors.js';
import type { ModelCatalog } from '../../routing/model-catalog.js';
import { RoutingTable } from '../../routing/routing-table.js';
import { ModelsService, type ModelView } from './models.service.js';

const PROVIDERS = [...VENDORS, sandboxProvider('http://127.0.0.1:1/v1')];
const CALLER: Caller = {
  keyId: '1',
  accountId: '1',
  scopes: null,
  models: null,
  addresses: undefined,
  limits: [],
  groupId: '1',
  multiplierMillionths: 1_000_000n,
  groupModels: null,
  captureUntilMs: 0,
};

interface Given {
  readonly channels: readonly (Pick<CatalogChannel, 'provider'> & {
    readonly models: Readonly<Record<string, string>>;
    readonly priority?: number;
  })[];
  readonly models?: Readonly<Record<string, Partial<CatalogModel>>>;
  /** By public model, and by model and number of the channel: `m@1`. */
  readonly prices?: Readonly<Record<string, DeclaredPrice>>;
}

function serviceOf({ channels, models = {}, prices = {} }: Given): ModelsService {
  const made = channels.map(
    (channel, i): CatalogChannel => ({
      id: String(i),
      name: `channel ${i}`,
      baseUrl: 'https://upstream.test/v1',
      credential: 'k',
      allowPrivateNetwork: false,
      priority: 0,
      weight: 1,
      ...channel,
      models: new Map(Object.entries(channel.models)),
    }),
  );
  const names = new Set(made.flatMap((channel) => [...channel.models.keys()]));
  const catalog: Catalog = {
    version: 1n,
    channels: made,
    models: new Map(
      [...names].map((id) => [
        id,
        { id, onDisconnect: 'abort', limits: undefined, createdAt: new Date(1_767_000_000_000), ...models[id] },
      ]),
    ),
    prices: new PriceTable(
      Object.entries(prices).map(([key, price], i) => {
        const [model = '', channelId] = key.split('@');
        return { model, side: 'selling', channelId, version: { id: String(i), price: parsePrice(price) } };
      }),
    ),
    groups: new Map(),
  };
  const table = RoutingTable.build(catalog, (id) => PROVIDERS.find((provider) => provider.id === id), capabilitiesOf);
  return new ModelsService({ table } as ModelCatalog);
}

function viewOf(given: Given, id: string, caller: Partial<Caller> = {}): ModelView {
  return serviceOf(given).get({ ...CALLER, ...caller }, id);
}

describe('GET models', () => {
  it('says what a model is for, what it can, and what the caller pays', () => {
    const price = { inputPerMillion: '2.5', cachedInputPerMillion: '1.25', outputPerMillion: '10' };
    const given = { channels: [{ provider: 'openai', models: { best: 'gpt-4o' } }], prices: { best: price } };
    expect(viewOf(given, 'best')).toEqual({
      id: 'best',
      object: 'model',
      created: 1_767_000_000,
      owned_by: 'ug-ai-hub',
      hub: {
        type: 'chat',
        capabilities: {
          context_tokens: 128_000,
          output_tokens_max: 16_384,
          tools: true,
          vision: true,
          file_input: true,
          json_schema: true,
          reasoning: false,
          retires_on: '2027-01-14',
        },
        prices: {
          currency: 'credits',
          input_per_million: '2.5',
          cached_input_per_million: '1.25',
          cache_write_per_million: '2.5',
          output_per_million: '10',
          reasoning_per_million: '10',
        },
      },
    });
  });

  it('says what tokens cost in each service tier, complete', () => {
    const price = {
      inputPerMillion: '2',
      outputPerMillion: '10',
      tiers: [{ aboveInputTokens: 100, inputPerMillion: '3' }],
      serviceTiers: { flex: { inputPerMillion: '1', outputPerMillion: '5' } },
    };
    const given = { channels: [{ provider: 'openai', models: { m: 'gpt-4o' } }], prices: { m: price } };
    const rates = { cached_input_per_million: '1', cache_write_per_million: '1', reasoning_per_million: '5' };
    const long = { cached_input_per_million: '3', cache_write_per_million: '3', reasoning_per_million: '10' };
    expect(viewOf(given, 'm').hub.prices?.service_tiers).toEqual({
      flex: {
        input_per_million: '1',
        output_per_million: '5',
        ...rates,
        tiers: [{ above_input_tokens: 100, input_per_million: '3', output_per_million: '10', ...long }],
      },
    });
  });

  it('leaves out what nobody knows', () => {
    const given = { channels: [{ provider: 'vllm', models: { m: 'our-own-model' } }] };
    expect(viewOf(given, 'm').hub).toEqual({ type: 'chat', capabilities: {}, prices: null });
  });

  it('lets the operator have the last word, field by field', () => {
    const given: Given = {
      channels: [{ provider: 'openai', models: { m: 'gpt-4o' } }],
      models: { m: { routing: { capabilities: { contextTokens: 32_000, vision: false } } } },
    };
    expect(viewOf(given, 'm').hub.capabilities).toMatchObject({ context_tokens: 32_000, vision: false, tools: true });
  });

  it('says what one of several channels can', () => {
    const given: Given = {
      channels: [
        { provider: 'zhipu', models: { m: 'glm-5.3' } },
        { provider: 'openai', models: { m: 'gpt-4o' } },
      ],
    };
    const { capabilities } = viewOf(given, 'm').hub;
    expect(capabilities).toMatchObject({ context_tokens: 1_000_000, vision: true, reasoning: true });
    expect(capabilities).not.toHaveProperty('retires_on');
  });

  it("shows prices with the factor of the caller's group, rounded up to whole nano-credits", () => {
    const prices = { m: { inputPerMillion: '1', outputPerMillion: '0.000000001', perRequest: '0.5' } };
    const given = { channels: [{ provider: 'openai', models: { m: 'gpt-4o' } }], prices };
    expect(viewOf(given, 'm', { multiplierMillionths: 1_250_000n }).hub.prices).toMatchObject({
      input_per_million: '1.25',
      output_per_million: '0.000000002',
      per_request: '0.625',
    });
  });

  it('shows tiers, pictures and seconds in the order in which they apply', () => {
    const prices: Given['prices'] = {
      chat: {
        inputPerMillion: '1',
        outputPerMillion: '2',
        tiers: [{ aboveInputTokens: 1000, inputPerMillion: '2', outputPerMillion: '4' }],
      },
      paint: { perImage: [{ size: '1024x1024', quality: 'high', price: '0.2' }, { price: '0.1' }] },
      film: { perVideoSecond: [{ resolution: '1080p', audio: true, price: '0.3' }, { price: '0.1' }] },
    };
    const models = { chat: 'gpt-4o', paint: 'dall-e-3', film: 'sandbox-video' };
    const given = { channels: [{ provider: 'sandbox', models }], prices };
    expect(viewOf(given, 'chat').hub.prices?.tiers).toMatchObject([
      { above_input_tokens: 1000, input_per_million: '2' },
    ]);
    expect(viewOf(given, 'paint').hub.prices).toEqual({
      currency: 'credits',
      images: [{ size: '1024x1024', quality: 'high', price: '0.2' }, { price: '0.1' }],
    });
    expect(viewOf(given, 'film').hub.prices).toEqual({
      currency: 'credits',
      video_seconds: [{ resolution: '1080p', audio: true, price: '0.3' }, { price: '0.1' }],
    });
  });

  it('says when channels of a model have different prices, and shows those of the first choice', () => {
    const channels = [
      { provider: 'openai', models: { m: 'gpt-4o' }, priority: 1 },
      { provider: 'openai', models: { m: 'gpt-4o' }, priority: 2 },
    ];
    const general = { inputPerMillion: '1', outputPerMillion: '1' };
    const special = { inputPerMillion: '3', outputPerMillion: '3' };
    expect(viewOf({ channels, prices: { m: general } }, 'm').hub).not.toHaveProperty('prices_vary');
    expect(viewOf({ channels, prices: { m: general, 'm@1': special } }, 'm').hub).toMatchObject({
      prices: { input_per_million: '3' },
      prices_vary: true,
    });
  });

  it('says what videos a model makes', () => {
    const given = { channels: [{ provider: 'sandbox', models: { film: 'sandbox-video' } }] };
    const { type, capabilities } = viewOf(given, 'film').hub;
    expect(type).toBe('video');
    expect(capabilities).toMatchObject({
      resolutions: expect.any(Array),
      image_input: expect.any(String),
      count_max: 1,
    });
  });

  it.each([
    ['text-embedding-3-small', 'embedding'],
    ['dall-e-3', 'image'],
    ['whisper-1', 'transcription'],
    ['tts-1', 'speech'],
    ['omni-moderation-latest', 'moderation'],
    ['gpt-3.5-turbo-instruct', 'completion'],
    // Its vendor has no reranking.
    ['some-reranker', undefined],
  ])('says what %s is for: %s', (name, type) => {
    const given = { channels: [{ provider: 'openai', models: { [name]: name } }] };
    expect(viewOf(given, name).hub.type).toBe(type);
  });

  it('names the fallbacks that the caller may use and that are served', () => {
    const given: Given = {
      channels: [{ provider: 'openai', models: { m: 'gpt-4o', other: 'gpt-4o-mini', secret: 'gpt-5' } }],
      models: { m: { routing: { fallbacks: [{ model: 'secret' }, { model: 'other' }, { model: 'gone' }] } } },
    };
    expect(viewOf(given, 'm', { models: new Set(['m', 'other']) }).hub.fallbacks).toEqual(['other']);
    expect(viewOf(given, 'm', { models: new Set(['m']) }).hub).not.toHaveProperty('fallbacks');
  });

  it('tells nothing of an upstream: neither its name for a model nor whose it is', () => {
    const given = { channels: [{ provider: 'deepseek', models: { m: 'deepseek-v4-pro' } }] };
    expect(JSON.stringify(serviceOf(given).list(CALLER))).not.toContain('deepseek');
  });
});
