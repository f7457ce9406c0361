import { describe, expect, it } from '@jest/globals';
import { candidateOf, failure, PLAIN_FACTS } from '../../test/support/candidates.js';
import type { CatalogModel } from '../channels/catalog.types.js';
import type { ModelRouting } from '../channels/model-routing.js';
import { Cancellation } from '../common/cancellation.js';
import type { DeclaredPrice } from '../common/declared-price.js';
import { parsePrice } from '../pricing/parse-price.js';
import { type PricedModel, PriceTable } from '../pricing/price-table.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { Candidate } from './candidate.js';
import { ChannelHealth } from './health/channel-health.js';
import { RoutePlanner } from './route-planner.js';

const SIGNAL = new Cancellation();

function modelOf(routing?: ModelRouting): CatalogModel {
  return { id: 'm', onDisconnect: 'abort', createdAt: new Date(0), routing };
}

/** Prices by channel id, for selling and purchase. */
function pricesOf(selling: Record<string, DeclaredPrice>, purchase: Record<string, DeclaredPrice> = {}): PriceTable {
  const list = (side: PricedModel['side'], prices: Record<string, DeclaredPrice>): PricedModel[] =>
    Object.entries(prices).map(([channelId, price]) => ({
      model: 'm',
      side,
      channelId,
      version: { id: `${side}${channelId}`, price: parsePrice(price) },
    }));
  return new PriceTable([...list('selling', selling), ...list('purchase', purchase)]);
}

const SOLD: DeclaredPrice = { inputPerMillion: '1', outputPerMillion: '1' };
const ALL_SOLD = { 1: SOLD, 2: SOLD, 3: SOLD };
const idsOf = (candidates: readonly Candidate[]): string[] => candidates.map(({ channel }) => channel.id);
const channels = ['1', '2', '3'].map((id) => candidateOf(id));

describe('RoutePlanner', () => {
  it('leaves out what has no selling price', () => {
    const planner = new RoutePlanner(new ChannelHealth(), () => 0);
    const prices = pricesOf({ 2: SOLD }, ALL_SOLD);
    expect(idsOf(planner.plan({ candidates: channels, facts: PLAIN_FACTS, model: modelOf(), prices }).order)).toEqual([
      '2',
    ]);
  });

  it.each<[string, DeclaredPrice, boolean]>([
    ['a price of pictures', { perImage: '0.1' }, true],
    ['a price of tokens', SOLD, true],
    ['a price of requests', { perRequest: '0.1' }, true],
    ['a gift', { perImage: '0' }, true],
    // A model may make films and pictures, and have a price of films.
    ['a price of films alone', { perVideoSecond: '0.1' }, false],
  ])('sells pictures for %s: %j %s', (_title, price, isSold) => {
    const planner = new RoutePlanner(new ChannelHealth(), () => 0);
    const prices = pricesOf({ 1: price });
    const ordered = (operation: 'images' | 'imageEdits') =>
      planner.plan({ candidates: channels, facts: { ...PLAIN_FACTS, operation }, model: modelOf(), prices }).order;
    expect(idsOf(ordered('images'))).toEqual(isSold ? ['1'] : []);
    expect(idsOf(ordered('imageEdits'))).toEqual(isSold ? ['1'] : []);
  });

  it('keeps requests of one conversation together unless the model says otherwise', () => {
    const facts = { ...PLAIN_FACTS, stickyKey: 'conversation' };
    const firsts = (routing?: ModelRouting): number => {
      const planner = new RoutePlanner(new ChannelHealth());
      const input = { candidates: channels, facts, model: modelOf(routing), prices: pricesOf(ALL_SOLD) };
      return new Set(Array.from({ length: 100 }, () => planner.plan(input).order[0])).size;
    };
    expect(firsts()).toBe(1);
    expect(firsts({ sticky: false })).toBe(3);
  });

  it('prefers the cheapest by purchase prices, prompt and answer together', () => {
    const prices = pricesOf(ALL_SOLD, {
      1: { inputPerMillion: '1', outputPerMillion: '30' },
      2: { inputPerMillion: '3', outputPerMillion: '10' },
    });
    const order = (promptTokens: number) =>
      idsOf(
        new RoutePlanner(new ChannelHealth()).plan({
          candidates: channels,
          facts: { ...PLAIN_FACTS, promptTokens },
          model: modelOf({ strategy: 'cheapest' }),
          prices,
        }).order,
      );
    expect(order(100)).toEqual(['2', '1', '3']);
    expect(order(100_000)).toEqual(['1', '2', '3']);
  });

  it('reckons with what comes out of the caches of upstreams, as observed', async () => {
    const health = new ChannelHealth();
    const visit = async (id: string, usage: Usage): Promise<void> => {
      const open = await health.enter(candidateOf(id), SIGNAL);
      open.noteUsage(usage);
      open.succeed();
    };
    const prices = pricesOf(ALL_SOLD, {
      1: { inputPerMillion: '2', cachedInputPerMillion: '0.2', outputPerMillion: '1' },
      2: { inputPerMillion: '1', outputPerMillion: '1' },
    });
    const input = {
      candidates: channels,
      facts: { ...PLAIN_FACTS, promptTokens: 10_000 },
      model: modelOf({ strategy: 'cheapest' }),
      prices,
    };
    const planner = new RoutePlanner(health);
    expect(planner.plan(input).order[0]?.channel.id).toBe('2');
    await visit('2', { inputTokens: 1000, cachedInputTokens: 0 });
    await visit('1', { inputTokens: 1000, cachedInputTokens: 900 });
    expect(planner.plan(input).order[0]?.channel.id).toBe('1');
  });

  it('takes a price beyond all accounts for a dear one', () => {
    const prices = pricesOf(ALL_SOLD, {
      1: { inputPerMillion: '999999999', outputPerMillion: '999999999' },
      2: SOLD,
    });
    const facts = { ...PLAIN_FACTS, promptTokens: 100_000_000 };
    const plan = new RoutePlanner(new ChannelHealth()).plan({
      candidates: channels,
      facts,
      model: modelOf({ strategy: 'cheapest' }),
      prices,
    });
    expect(plan.order[0]?.channel.id).toBe('2');
  });

  it('counts what it holds back, where the request would have come', async () => {
    const health = new ChannelHealth({ random: () => 0 });
    const list = [candidateOf('1', { priority: 1 }), candidateOf('2'), candidateOf('3', { priority: -1 })];
    for (const candidate of [list[0], list[2]] as Candidate[]) {
      for (let i = 0; i < 20; i++) (await health.enter(candidate, SIGNAL)).fail(failure('rate_limited'));
    }
    const partOf = (id: string) =>
      health.snapshot().candidates.find(({ candidate }) => candidate.channel.id === id)?.heldBackPart;
    const before = partOf('1') ?? 0;
    const planner = new RoutePlanner(health);
    const input = { facts: PLAIN_FACTS, model: modelOf(), prices: pricesOf(ALL_SOLD) };
    expect(idsOf(planner.plan({ ...input, candidates: list }).order)).toEqual(['2', '1', '3']);
    expect(partOf('1')).toBeGreaterThan(0);
    for (let i = 0; i < 20; i++) planner.plan({ ...input, candidates: list });
    expect(partOf('3')).toBe(before);
    (await health.enter(list[0] as Candidate, SIGNAL)).succeed();
    (await health.enter(list[2] as Candidate, SIGNAL)).succeed();
    expect(partOf('1')).toBeGreaterThan(partOf('3') ?? 1);
  });
});
