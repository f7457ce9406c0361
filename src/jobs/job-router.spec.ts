import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Caller } from '../auth/caller.js';
import type { Catalog, CatalogChannel } from '../channels/catalog.types.js';
import type { DeclaredPrice } from '../common/declared-price.js';
import { parsePrice } from '../pricing/parse-price.js';
import { type PricedModel, PriceTable } from '../pricing/price-table.js';
import { openaiCompatible } from '../providers/adapters/openai-compatible/openai-compatible.provider.js';
import { sandboxProvider } from '../providers/adapters/sandbox/sandbox-provider.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Provider } from '../providers/provider.js';
import { ChannelHealth } from '../routing/health/channel-health.js';
import type { ModelCatalog } from '../routing/model-catalog.js';
import { RoutingTable } from '../routing/routing-table.js';
import { checkVideo } from './check-video.js';
import { describeModel } from './describe-model.js';
import type { JobRequest } from './job.js';
import { askedUsage, holdOf } from './job-cost.js';
import { JobRouter, type Wanted } from './job-router.js';

const PROVIDERS: readonly Provider[] = [sandboxProvider('http://127.0.0.1:1/v1'), openaiCompatible];
const PRICE: DeclaredPrice = { perVideoSecond: '0.1' };
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

/** Without a word in the log. */
const RESTING = new ProviderError({ kind: 'rate_limited', message: 'no', retryAfterMs: 60_000 });

type Made = Partial<Omit<CatalogChannel, 'models'>> & { readonly models?: Readonly<Record<string, string>> };

function channel(id: string, { models = { 'sandbox-video': 'sandbox-video' }, ...change }: Made = {}): CatalogChannel {
  return {
    id,
    name: `channel ${id}`,
    provider: 'sandbox',
    baseUrl: 'https://upstream.test/v1',
    credential: `k${id}`,
    allowPrivateNetwork: false,
    priority: 0,
    weight: 1,
    models: new Map(Object.entries(models)),
    ...change,
  };
}

/** A router over channels; `prices` are by public model, and by model and channel: `film@2`. */
function routerOf(channels: readonly CatalogChannel[], prices: Readonly<Record<string, DeclaredPrice>> = {}) {
  const names = [...new Set(channels.flatMap(({ models }) => [...models.keys()]))];
  const models: Catalog['models'] = new Map(
    names.map((id) => [id, { id, onDisconnect: 'abort', limits: undefined, createdAt: new Date(0) }]),
  );
  const priced = Object.entries(prices).map(([key, price], index): PricedModel => {
    const [model = '', channelId] = key.split('@');
    return { model, side: 'selling', channelId, version: { id: String(index + 1), price: parsePrice(price) } };
  });
  const catalog: Catalog = { version: 1n, channels, models, prices: new PriceTable(priced), groups: new Map() };
  const table = RoutingTable.build(catalog, (id) => PROVIDERS.find((provider) => provider.id === id));
  const rests = new ChannelHealth();
  return { router: new JobRouter({ table } as ModelCatalog, rests), table, rests };
}

function wanted({
  request,
  ...change
}: Partial<Omit<Wanted, 'request'>> & { request?: Partial<JobRequest> } = {}): Wanted {
  return { kind: 'video', ...change, request: { prompt: 'a cat', count: 1, ...request } };
}

function codeOf(work: () => unknown): { code: string; param: string | undefined } {
  try {
    work();
  } catch (error) {
    const { code, param } = error as { code: string; param?: string };
    return { code, param };
  }
  throw new Error('It was not refused');
}

describe('a route', () => {
  it('names everything that costs money, and sets aside the dearest of its offers', () => {
    const prices = { 'sandbox-video': PRICE, 'sandbox-video@2': { perVideoSecond: '0.3' } };
    const { router } = routerOf([channel('1', { priority: 1 }), channel('2')], prices);
    const route = router.route(CALLER, wanted({ request: { durationSeconds: 6 } }));
    expect(route.offers).toMatchObject([
      {
        channelId: '1',
        model: 'sandbox-video',
        priceVersionId: '1',
        durationSeconds: 6,
        resolution: '720p',
        deadlineMs: 600_000,
      },
      { channelId: '2', priceVersionId: '2' },
    ]);
    expect(route.hold).toBe(1_800_000_000n);
  });

  it('multiplies what it sets aside by the factor of the caller’s group', () => {
    const { router } = routerOf([channel('1')], { 'sandbox-video': PRICE });
    const caller = { ...CALLER, multiplierMillionths: 500_000n };
    expect(router.route(caller, wanted({ request: { durationSeconds: 6 } })).hold).toBe(300_000_000n);
    expect(router.route({ ...CALLER, multiplierMillionths: 0n }, wanted()).hold).toBe(0n);
  });

  it('puts a channel that rests behind the others of its priority, never behind a lower one', () => {
    const { router, table, rests } = routerOf([channel('1', { priority: 1 }), channel('2'), channel('3')], {
      'sandbox-video': PRICE,
    });
    for (const candidate of table.candidatesOf('sandbox-video')) {
      if (candidate.channel.id === '3') continue;
      rests.note(candidate, RESTING);
    }
    for (let i = 0; i < 20; i++) {
      expect(router.route(CALLER, wanted()).offers.map(({ channelId }) => channelId)).toEqual(['1', '3', '2']);
    }
  });

  it('offers a channel once, with the credential that its tasks are asked after with', () => {
    const { router } = routerOf([channel('1', { moreCredentials: ['b', 'c'] }), channel('2')], {
      'sandbox-video': PRICE,
    });
    const ids = router.route(CALLER, wanted()).offers.map(({ channelId }) => channelId);
    expect(ids.toSorted()).toEqual(['1', '2']);
  });

  it('prefers the cheaper model where the choice is the hub’s, and one model of each channel', () => {
    const models = { 'sandbox-video': 'sandbox-video', dear: 'sora-2' };
    const channels = [channel('1', { provider: 'openai-compatible', models }), channel('2')];
    const { router } = routerOf(channels, { 'sandbox-video': PRICE, dear: { perVideoSecond: '1' } });
    expect(router.route(CALLER, wanted()).offers.map(({ channelId, model }) => [channelId, model])).toEqual([
      ['2', 'sandbox-video'],
      ['1', 'dear'],
    ]);
  });

  it('leaves out channels that cannot do all of it, and names the option when none can', () => {
    const models = { film: 'sora-2' };
    const channels = [
      channel('1', { provider: 'openai-compatible', models, priority: 1 }),
      channel('2', { models: { film: 'sandbox-video' } }),
    ];
    const { router } = routerOf(channels, { film: PRICE });
    const offers = router.route(CALLER, wanted({ model: 'film', request: { seed: 7 } })).offers;
    expect(offers.map(({ channelId }) => channelId)).toEqual(['2']);
    expect(codeOf(() => router.route(CALLER, wanted({ model: 'film', request: { resolution: '9000p' } })))).toEqual({
      code: 'unsupported_option',
      param: 'resolution',
    });
  });

  it('goes by the provider that is named', () => {
    const channels = [channel('1'), channel('2', { provider: 'openai-compatible', models: { film: 'sora-2' } })];
    const { router } = routerOf(channels, { 'sandbox-video': PRICE, film: PRICE });
    const route = (provider: string, model?: string) => router.route(CALLER, wanted({ provider, model })).offers;
    expect(route('openai-compatible')).toMatchObject([{ model: 'film' }]);
    expect(route('sandbox', 'sandbox-video')).toMatchObject([{ model: 'sandbox-video' }]);
    expect(codeOf(() => route('sandbox', 'film')).code).toBe('model_not_found');
    expect(codeOf(() => route('nobody'))).toEqual({ code: 'provider_not_found', param: 'provider' });
  });

  it('keeps a caller to the models of its key and of its group', () => {
    const models = { a: 'sandbox-video', b: 'sandbox-video' };
    const { router } = routerOf([channel('1', { models })], { a: PRICE, b: PRICE });
    const ofKey = { ...CALLER, models: new Set(['b']) };
    const ofGroup = { ...CALLER, groupModels: new Set(['b']) };
    for (const caller of [ofKey, ofGroup]) {
      expect(router.route(caller, wanted()).offers.map(({ model }) => model)).toEqual(['b']);
      expect(codeOf(() => router.route(caller, wanted({ model: 'a' }))).code).toBe('model_not_found');
      expect(router.models(caller).map(({ id }) => id)).toEqual(['b']);
    }
  });

  it.each<[string, Wanted, string]>([
    ['a model that makes no videos', wanted({ model: 'chat' }), 'unsupported_operation'],
    ['a model that there is not', wanted({ model: 'nothing' }), 'model_not_found'],
    [
      'an option of pictures',
      wanted({ kind: 'image', model: 'chat', request: { options: { steps: 4 } } }),
      'unsupported_option',
    ],
  ])('refuses %s', (_name, ask, code) => {
    const { router } = routerOf([channel('1', { models: { chat: 'gpt-4', film: 'sandbox-video' } })], {
      film: PRICE,
      chat: PRICE,
    });
    expect(codeOf(() => router.route(CALLER, ask)).code).toBe(code);
  });

  it.each<[string, Readonly<Record<string, DeclaredPrice>>]>([
    ['has no price', {}],
    // A video that is not counted in tokens would be a gift.
    ['has a price of tokens alone', { 'sandbox-video': { inputPerMillion: '1', outputPerMillion: '2' } }],
  ])('refuses a model that %s', (_name, prices) => {
    const { router } = routerOf([channel('1')], prices);
    expect(codeOf(() => router.route(CALLER, wanted())).code).toBe('model_not_priced');
  });

  it('gives away what its operator has said is free', () => {
    const { router } = routerOf([channel('1')], { 'sandbox-video': { perVideoSecond: '0' } });
    expect(router.route(CALLER, wanted()).hold).toBe(0n);
  });

  it('says that no channel is set up', () => {
    expect(codeOf(() => routerOf([]).router.route(CALLER, wanted())).code).toBe('model_unavailable');
  });
});

describe('whatever channels there are', () => {
  const upstreams = fc.constantFrom('sandbox-video', 'sora-2', 'gpt-4');
  const made = fc.record({
    provider: fc.constantFrom('sandbox', 'openai-compatible'),
    priority: fc.integer({ min: 0, max: 2 }),
    weight: fc.integer({ min: 0, max: 3 }),
    models: fc.dictionary(fc.constantFrom('a', 'b', 'c'), upstreams, { minKeys: 1 }),
  });
  const amount = fc.integer({ min: 1, max: 9 }).map((tenths): DeclaredPrice => ({ perVideoSecond: `0.${tenths}` }));
  const prices = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'a@1', 'b@2'), amount);
  const request = fc.record(
    {
      durationSeconds: fc.integer({ min: 1, max: 20 }),
      seed: fc.nat(),
      resolution: fc.constantFrom('480p', '720p', '1080p'),
    },
    { requiredKeys: [] },
  );
  const model = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined });

  it('every offer can serve the request and has a price, and they are in order of priority, then of health', () => {
    fc.assert(
      fc.property(
        fc.array(made, { maxLength: 6 }),
        prices,
        request,
        model,
        fc.nat({ max: 63 }),
        (channels, priced, ask, name, resting) => {
          const { router, table, rests } = routerOf(
            channels.map((each, index) => channel(String(index + 1), each as Made)),
            priced,
          );
          const all = [...table.models.keys()].flatMap((id) => table.candidatesOf(id));
          for (const candidate of all) {
            if ((resting >> Number(candidate.channel.id)) % 2 === 0) continue;
            rests.note(candidate, RESTING);
          }
          const want = wanted({ model: name, request: ask });
          let route: ReturnType<JobRouter['route']>;
          try {
            route = router.route(CALLER, want);
          } catch (error) {
            expect(error).toMatchObject({ name: 'HubError' });
            return;
          }
          const chosen = route.offers.map(({ channelId, model: id }) =>
            all.find(({ channel: each, target }) => each.id === channelId && target.publicModel === id),
          );
          const holds = route.offers.map((offer, index) => {
            const candidate = chosen[index];
            const described = candidate && describeModel(candidate, undefined);
            const check = described && checkVideo(want.request, described, 'it');
            expect(check).toMatchObject({
              isAble: true,
              terms: { durationSeconds: offer.durationSeconds, resolution: offer.resolution },
            });
            const version = table.prices.selling(offer.model, offer.channelId);
            expect(version?.id).toBe(offer.priceVersionId);
            return version === undefined
              ? 0n
              : holdOf(version.price, askedUsage('video', want.request, offer), 1_000_000n);
          });
          expect(route.hold).toBe(holds.reduce((most, one) => (one > most ? one : most), 0n));
          const ranks = chosen.map((candidate) => {
            const isResting = candidate !== undefined && rests.reasonFor(candidate) !== undefined;
            return -(candidate?.channel.priority ?? 0) * 2 + (isResting ? 1 : 0);
          });
          expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
          if (name === undefined) {
            expect(new Set(route.offers.map(({ channelId }) => channelId)).size).toBe(route.offers.length);
          }
        },
      ),
    );
  });
});
