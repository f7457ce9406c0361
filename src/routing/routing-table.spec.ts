import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Catalog, CatalogChannel } from '../channels/catalog.types.js';
import { PriceTable } from '../pricing/price-table.js';
import { openaiCompatible } from '../providers/adapters/openai-compatible/openai-compatible.provider.js';
import { drawOrder } from './draw-order.js';
import { RoutingTable } from './routing-table.js';

function channel(id: string, change: Partial<CatalogChannel> = {}): CatalogChannel {
  return {
    id,
    name: `channel ${id}`,
    provider: 'openai-compatible',
    baseUrl: 'https://upstream.test/v1',
    credential: 'k',
    allowPrivateNetwork: false,
    priority: 0,
    weight: 1,
    models: new Map([['m', 'upstream-m']]),
    ...change,
  };
}

function table(...channels: readonly CatalogChannel[]): RoutingTable {
  const createdAt = new Date(0);
  const models: Catalog['models'] = new Map(
    ['m', 'unserved'].map((id) => [id, { id, onDisconnect: 'abort', limits: undefined, createdAt }]),
  );
  const catalog: Catalog = { version: 1n, channels, models, prices: PriceTable.empty, groups: new Map() };
  return RoutingTable.build(catalog, (id) => (id === 'openai-compatible' ? openaiCompatible : undefined));
}

/** Ids in the order of one draw. */
function draw(channels: readonly CatalogChannel[], random: () => number): string[] {
  return drawOrder(table(...channels).candidatesOf('m'), random).map((candidate) => candidate.channel.id);
}

describe('RoutingTable', () => {
  it('lists only models that a usable channel serves', () => {
    expect([...table(channel('1')).models.keys()]).toEqual(['m']);
    expect(table().models.size).toBe(0);
    expect(table(channel('1')).candidatesOf('unserved')).toEqual([]);
  });

  it('keeps models without a usable channel that have fallbacks, and no others', () => {
    const createdAt = new Date(0);
    const model = (id: string, ...names: string[]) => ({
      id,
      onDisconnect: 'abort' as const,
      createdAt,
      routing: { fallbacks: names.map((name) => ({ model: name })) },
    });
    const broken = channel('1', { baseUrl: 'nonsense', models: new Map([['broken', 'x']]) });
    const served = [model('m', 'spare'), model('broken', 'm'), model('bare')];
    const built = RoutingTable.build(
      {
        version: 1n,
        channels: [channel('2'), broken],
        models: new Map(served.map((one) => [one.id, one])),
        dormant: new Map([['off', model('off', 'm')]]),
        prices: PriceTable.empty,
        groups: new Map(),
      },
      () => openaiCompatible,
    );
    expect([...built.models.keys()]).toEqual(['m']);
    expect([...built.dormant.keys()]).toEqual(['broken', 'off']);
  });

  it('works out the address of a channel ahead', () => {
    const [candidate] = table(channel('1', { baseUrl: 'https://upstream.test:8443/api/v1/' })).candidatesOf('m');
    expect(candidate).toMatchObject({
      origin: 'https://upstream.test:8443',
      basePath: '/api/v1',
      headers: { authorization: 'Bearer k', 'accept-encoding': 'identity' },
      target: { publicModel: 'm', upstreamModel: 'upstream-m' },
    });
    expect(candidate?.secrets).toEqual(['k', 'upstream.test:8443', 'upstream.test']);
  });

  it.each<[string, Partial<CatalogChannel>, RegExp]>([
    ['its provider is unknown', { provider: 'nobody' }, /nobody/],
    ['it has no base URL', { baseUrl: undefined }, /no base URL/],
    ['its base URL is none', { baseUrl: 'nonsense' }, /not a URL/],
    ['its base URL is no web address', { baseUrl: 'ftp://upstream.test' }, /not http/],
  ])('leaves a channel out when %s, and says so', (_why, change, reason) => {
    const built = table(channel('1', change), channel('2'));
    expect(built.candidatesOf('m').map((candidate) => candidate.channel.id)).toEqual(['2']);
    expect(built.unusable).toEqual([{ name: 'channel 1', reason: expect.stringMatching(reason) as unknown as string }]);
  });
});

describe('candidates of the table', () => {
  it('are one for each credential, with keys of their own and no credential in them', () => {
    const built = table(channel('1', { credential: 'first', moreCredentials: ['second'] })).candidatesOf('m');
    expect(built.map(({ credentialIndex, headers }) => [credentialIndex, headers['authorization']])).toEqual([
      [0, 'Bearer first'],
      [1, 'Bearer second'],
    ]);
    expect(new Set(built.map(({ healthKey }) => healthKey)).size).toBe(2);
    for (const { healthKey, credentialKey, secrets } of built) {
      expect(healthKey).toBe(`${credentialKey} upstream-m`);
      expect(healthKey).not.toMatch(/first|second/);
      expect(secrets).toEqual(expect.arrayContaining(['first', 'second']));
    }
  });

  it('are sorted by the places of their routes', () => {
    const places = new Map([['m', { priority: 7 }]]);
    const built = table(channel('1', { priority: 3 }), channel('2', { places, weight: 4 })).candidatesOf('m');
    expect(built.map((one) => [one.channel.id, one.priority, one.weight])).toEqual([
      ['2', 7, 4],
      ['1', 3, 1],
    ]);
  });

  it('can do what is known of their models; what the operator says stands above it, field by field', () => {
    const routing = { capabilities: { vision: true, contextTokens: 5 } };
    const models: Catalog['models'] = new Map([
      ['m', { id: 'm', onDisconnect: 'abort', limits: undefined, createdAt: new Date(0), routing }],
    ]);
    const catalog: Catalog = {
      version: 1n,
      channels: [channel('1')],
      models,
      prices: PriceTable.empty,
      groups: new Map(),
    };
    const asked: string[] = [];
    const built = RoutingTable.build(
      catalog,
      () => openaiCompatible,
      (provider, upstreamModel) => {
        asked.push(`${provider} ${upstreamModel}`);
        return { vision: false, tools: false };
      },
    );
    expect(asked).toEqual(['openai-compatible upstream-m']);
    expect(built.candidatesOf('m')[0]?.capabilities).toEqual({ vision: true, tools: false, contextTokens: 5 });
  });
});

describe('drawOrder', () => {
  it('keeps higher priorities before lower ones, whatever the weights', () => {
    const channels = [channel('1', { priority: -1, weight: 99 }), channel('2', { priority: 5 }), channel('3')];
    for (const point of [0, 0.5, 0.999]) expect(draw(channels, () => point)).toEqual(['2', '3', '1']);
  });

  it('draws by weight: each channel holds its share of the numbers from 0 to 1', () => {
    const channels = [channel('1', { weight: 1 }), channel('2', { weight: 3 }), channel('3', { weight: 4 })];
    const first = (point: number): string | undefined => draw(channels, () => point)[0];
    const firsts = Array.from({ length: 80 }, (_, i) => first(i / 80));
    const share = (id: string): number => firsts.filter((item) => item === id).length;
    expect([share('1'), share('2'), share('3')]).toEqual([10, 30, 40]);
  });

  it('draws the second by the weights that are left', () => {
    const channels = [channel('1', { weight: 1 }), channel('2', { weight: 1 }), channel('3', { weight: 2 })];
    const points = [0.99, 0.49, 0];
    expect(draw(channels, () => points.shift() ?? 0)).toEqual(['3', '1', '2']);
  });

  it('puts weight 0 after all others of its tier, but before the next tier', () => {
    const channels = [channel('1', { weight: 0 }), channel('2'), channel('3', { priority: -1, weight: 9 })];
    for (const point of [0, 0.5, 0.999]) expect(draw(channels, () => point)).toEqual(['2', '1', '3']);
  });

  it('loses and repeats no channel', () => {
    const parts = fc.record({ priority: fc.integer({ min: -2, max: 2 }), weight: fc.integer({ min: 0, max: 5 }) });
    const point = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), fc.infiniteStream(point), (list, points) => {
        const channels = list.map((item, i) => channel(String(i), item));
        const order = draw(channels, () => points.next().value as number);
        expect([...order].sort()).toEqual(channels.map(({ id }) => id).sort());
        const priorities = order.map((id) => channels[Number(id)]?.priority ?? 0);
        expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
      }),
    );
  });
});
