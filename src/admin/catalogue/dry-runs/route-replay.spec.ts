import { describe, expect, it } from '@jest/globals';
import { candidateOf } from '../../../../test/support/candidates.js';
import type { ModelRouting } from '../../../channels/model-routing.js';
import type { DeclaredPrice } from '../../../common/declared-price.js';
import { NO_USAGE } from '../../../pricing/billable-usage.js';
import { parsePrice } from '../../../pricing/parse-price.js';
import { type PricedModel, PriceTable } from '../../../pricing/price-table.js';
import type { Candidate } from '../../../routing/candidate.js';
import { RouteReplay } from './route-replay.js';

const PRICES: Readonly<Record<string, DeclaredPrice>> = {
  1: { inputPerMillion: '1', outputPerMillion: '30' },
  2: { inputPerMillion: '3', outputPerMillion: '10' },
};
const prices = new PriceTable(
  Object.entries(PRICES).flatMap(([channelId, price]) =>
    (['selling', 'purchase'] as const).map(
      (side): PricedModel => ({
        model: 'm',
        side,
        channelId,
        version: { id: `${side} ${channelId}`, price: parsePrice(price) },
      }),
    ),
  ),
);

/** Where requests of so many prompt tokens each would be tried first. */
function firsts(candidates: readonly Candidate[], routing: ModelRouting | undefined, prompts: readonly number[]) {
  const routes = { candidates, routing, prices, video: undefined };
  const replay = new RouteReplay(routes, routes);
  for (const inputTokens of prompts) {
    const usage = { ...NO_USAGE, inputTokens, outputTokens: 100 };
    replay.add({ endpoint: 'chat/completions', channelId: '1', isCharged: true, usage, purchaseCost: null });
  }
  const { channels, withoutChannelAfter } = replay.result();
  return {
    ...Object.fromEntries(channels.map(({ channelId, after }) => [channelId, after])),
    none: withoutChannelAfter,
  };
}

describe('RouteReplay', () => {
  const both = [candidateOf('1'), candidateOf('2')];

  it('goes by the strategy of the model', () => {
    expect(firsts(both, undefined, [10, 10, 10, 10])).toEqual({ 1: 2, 2: 2, none: 0 });
    expect(firsts(both, { strategy: 'cheapest' }, [10, 10, 10, 100_000])).toEqual({ 1: 1, 2: 3, none: 0 });
  });

  it('sends no prompt where its window is known to be too short', () => {
    const list = [candidateOf('1', { capabilities: { contextTokens: 1000 } }), candidateOf('2', { priority: -1 })];
    expect(firsts(list, undefined, [100, 5000])).toEqual({ 1: 1, 2: 1, none: 0 });
    expect(firsts(list.slice(0, 1), undefined, [100, 5000])).toEqual({ 1: 1, none: 1 });
  });
});
