import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { candidateOf, candidatesOf, PLAIN_FACTS, resting, SOUND } from '../../test/support/candidates.js';
import { ROUTING_STRATEGIES } from '../channels/model-routing.js';
import type { Candidate } from './candidate.js';
import type { CandidateState } from './candidate-state.js';
import { planRoute, type RouteInput, type RoutePlan } from './plan-route.js';
import { unfitFor } from './unfit-for.js';

/** A random source that gives the same numbers again (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function inputOf(candidates: readonly Candidate[], change: Partial<RouteInput> = {}): RouteInput {
  return {
    candidates,
    facts: PLAIN_FACTS,
    strategy: 'weighted',
    isSticky: true,
    stateOf: () => SOUND,
    costOf: () => undefined,
    nowMs: 0,
    random: seeded(1),
    ...change,
  };
}

/** Plans with states by channel id; others are sound. */
function plan(
  candidates: readonly Candidate[],
  states: Readonly<Record<string, Partial<CandidateState>>> = {},
  change: Partial<RouteInput> = {},
): RoutePlan {
  const stateOf = ({ channel }: Candidate): CandidateState => ({ ...SOUND, ...states[channel.id] });
  return planRoute(inputOf(candidates, { stateOf, ...change }));
}

const idsOf = (candidates: readonly Candidate[]): string[] => candidates.map(({ channel }) => channel.id);
const channels = (count: number): Candidate[] => Array.from({ length: count }, (_, i) => candidateOf(String(i + 1)));

/** How often each channel comes first. */
function firsts(make: (random: () => number) => RoutePlan, draws: number): Record<string, number> {
  const random = seeded(7);
  const counts: Record<string, number> = {};
  for (let i = 0; i < draws; i++) {
    const id = make(random).order[0]?.channel.id ?? 'none';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

describe('the order of a plan', () => {
  it('goes by the places of routes before those of their channels', () => {
    const places = new Map([['m', { priority: 5, weight: 3 }]]);
    const [a, b] = [candidateOf('1', { priority: 1 }), candidateOf('2', { places })];
    expect(b).toMatchObject({ priority: 5, weight: 3 });
    expect(idsOf(plan([b, a]).order)).toEqual(['2', '1']);
  });

  it('asks a channel a second time, with another credential, only behind all others', () => {
    const two = candidatesOf('1', { priority: 9, moreCredentials: ['second', 'third'] });
    const { order } = plan([...two, candidateOf('2', { priority: 1 }), candidateOf('3')]);
    expect(idsOf(order)).toEqual(['1', '2', '3', '1', '1']);
    expect(new Set(order).size).toBe(5);
  });

  it('gives a channel its share whatever the number of its credentials', () => {
    const list = [...candidatesOf('1', { moreCredentials: ['second', 'third'] }), candidateOf('2')];
    const counts = firsts((random) => plan(list, {}, { random }), 4000);
    expect((counts['1'] ?? 0) / 4000).toBeCloseTo(0.5, 1);
  });

  it('draws by weight in the long run, and weight 0 only when nothing else of the tier is left', () => {
    const list = [1, 3, 4, 0].map((weight, i) => candidateOf(String(i + 1), { weight }));
    const counts = firsts((random) => plan(list, {}, { random }), 8000);
    expect(counts['4']).toBeUndefined();
    for (const [id, share] of [
      ['1', 1 / 8],
      ['2', 3 / 8],
      ['3', 4 / 8],
    ] as const) {
      expect((counts[id] ?? 0) / 8000).toBeCloseTo(share, 1);
    }
    expect(idsOf(plan(list, { 1: resting('told'), 2: resting('told'), 3: resting('told') }).order)).toEqual(['4']);
  });

  it('leaves out without a word what nobody can be charged for', () => {
    const isPriced = ({ channel }: Candidate): boolean => channel.id !== '1';
    expect(plan(channels(2), {}, { isPriced })).toMatchObject({ order: [{ channel: { id: '2' } }], passedOver: [] });
  });

  it('passes over what cannot do what the request needs, and says which field', () => {
    const list = [candidateOf('1', { capabilities: { tools: false } }), candidateOf('2')];
    const { order, passedOver } = plan(list, {}, { facts: { ...PLAIN_FACTS, needsTools: true } });
    expect(idsOf(order)).toEqual(['2']);
    expect(passedOver).toMatchObject([
      { candidate: list[0], cause: 'unfit', error: { kind: 'unsupported_option', param: 'tools' } },
    ]);
  });

  it('leaves the last word to the upstream where only hearsay says that nobody can serve the request', () => {
    const facts = { ...PLAIN_FACTS, needsTools: true, promptTokens: 5000 };
    const hearsay = candidateOf('1', { capabilities: { tools: false, contextTokens: 100 }, isHearsay: true });
    const stated = candidateOf('2', { capabilities: { tools: false } });
    const alone = plan([hearsay, stated], {}, { facts });
    expect(alone.order).toEqual([hearsay]);
    expect(alone.reserves).toEqual(new Map([[hearsay, 'unfit']]));
    expect(alone.passedOver.map(({ candidate }) => candidate)).toEqual([hearsay, stated]);
    expect(idsOf(plan([hearsay, stated, candidateOf('3')], {}, { facts }).order)).toEqual(['3']);
    expect(plan([hearsay], { 1: resting('told') }, { facts }).order).toEqual([]);
  });
});

describe('strategies', () => {
  const fast = { firstTokenMs: 100 };
  const slow = { firstTokenMs: 900 };

  it('fastest: of two, always the faster one; the slowest of many never first', () => {
    expect(firsts((random) => plan(channels(2), { 1: slow, 2: fast }, { strategy: 'fastest', random }), 200)).toEqual({
      2: 200,
    });
    const states = { 1: slow, 2: fast, 3: { firstTokenMs: 200 }, 4: { firstTokenMs: 300 } };
    const counts = firsts((random) => plan(channels(4), states, { strategy: 'fastest', random }), 1000);
    expect(counts['1']).toBeUndefined();
    expect(counts['2']).toBeGreaterThan(counts['3'] ?? 0);
    expect(counts['3']).toBeGreaterThan(counts['4'] ?? 0);
  });

  it('fastest: counts the requests that are in front', () => {
    const states = { 1: { firstTokenMs: 300 }, 2: { firstTokenMs: 100, inFlight: 4 } };
    expect(idsOf(plan(channels(2), states, { strategy: 'fastest' }).order)).toEqual(['1', '2']);
  });

  it('fastest: gets to know those that nobody knows', () => {
    const counts = firsts((random) => plan(channels(2), { 1: fast }, { strategy: 'fastest', random }), 400);
    expect(counts['2']).toBeGreaterThan(100);
  });

  it('cheapest: by cost, an unknown one last', () => {
    const costs: Record<string, number | undefined> = { 1: 3, 2: 1, 3: undefined, 4: 2 };
    const costOf = ({ channel }: Candidate): number | undefined => costs[channel.id];
    expect(idsOf(plan(channels(4), {}, { strategy: 'cheapest', costOf }).order)).toEqual(['2', '4', '1', '3']);
  });

  it('cheapest: draws among equals', () => {
    const counts = firsts((random) => plan(channels(2), {}, { strategy: 'cheapest', costOf: () => 1, random }), 1000);
    expect((counts['1'] ?? 0) / 1000).toBeCloseTo(0.5, 1);
  });

  it('cheapest and balanced: what has weight 0 comes last all the same', () => {
    const list = [candidateOf('1', { weight: 0 }), candidateOf('2')];
    const costOf = ({ channel }: Candidate): number => Number(channel.id);
    for (const strategy of ['cheapest', 'balanced', 'fastest'] as const) {
      expect(idsOf(plan(list, {}, { strategy, costOf }).order)).toEqual(['2', '1']);
    }
  });

  it('balanced: who is no worse in anything and better in something comes first', () => {
    const part = fc.record({
      firstTokenMs: fc.integer({ min: 1, max: 5000 }),
      failureRate: fc.double({ min: 0, max: 1, noNaN: true }),
      inFlight: fc.integer({ min: 0, max: 20 }),
      cost: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(part, part, fc.integer(), (a, b, seed) => {
        const isBetter =
          a.firstTokenMs * (a.inFlight + 1) < b.firstTokenMs * (b.inFlight + 1) &&
          a.failureRate <= b.failureRate &&
          a.cost <= b.cost;
        fc.pre(isBetter);
        const costOf = ({ channel }: Candidate): number => (channel.id === '1' ? a.cost : b.cost);
        const { order } = plan(channels(2), { 1: a, 2: b }, { strategy: 'balanced', costOf, random: seeded(seed) });
        expect(idsOf(order)).toEqual(['1', '2']);
      }),
    );
  });

  it('balanced: a little dearer and much faster wins, and failing outweighs both', () => {
    const costs: Record<string, number> = { 1: 100, 2: 110 };
    const costOf = ({ channel }: Candidate): number => costs[channel.id] ?? 0;
    const options = { strategy: 'balanced', costOf } as const;
    expect(idsOf(plan(channels(2), { 1: slow, 2: fast }, options).order)).toEqual(['2', '1']);
    const failing = { ...fast, failureRate: 0.9 };
    expect(idsOf(plan(channels(2), { 1: slow, 2: failing }, options).order)).toEqual(['1', '2']);
  });
});

describe('sticky routing', () => {
  const sticky = (key: string) => ({ ...PLAIN_FACTS, stickyKey: key });

  it('keeps the requests of one key together, and spreads keys by weight', () => {
    const list = [1, 3].map((weight, i) => candidateOf(String(i + 1), { weight }));
    let first = 0;
    for (let i = 0; i < 2000; i++) {
      const facts = sticky(`key ${i}`);
      const owners = [1, 2, 3].map((seed) => plan(list, {}, { facts, random: seeded(seed) }).order[0]?.channel.id);
      expect(new Set(owners).size).toBe(1);
      if (owners[0] === '1') first++;
    }
    expect(first / 2000).toBeCloseTo(0.25, 1);
  });

  it('moves no key but those of a channel that comes or goes', () => {
    const all = channels(6);
    for (let i = 0; i < 500; i++) {
      const facts = sticky(`key ${i}`);
      const owner = plan(all, {}, { facts }).order[0];
      const gone = all.find((candidate) => candidate !== owner);
      const left = all.filter((candidate) => candidate !== gone);
      expect(plan(left, {}, { facts }).order[0]).toBe(owner);
      expect(plan([...all, candidateOf('7')], {}, { facts }).order[0]?.channel.id).toMatch(
        new RegExp(`^(?:${owner?.channel.id}|7)$`),
      );
    }
  });

  it('goes to the same second channel while the first is not sound, and comes back', () => {
    const all = channels(4);
    for (let i = 0; i < 100; i++) {
      const facts = sticky(`key ${i}`);
      const owner = plan(all, {}, { facts }).order[0]?.channel.id ?? '';
      const second = (state: CandidateState, seed: number) =>
        plan(all, { [owner]: state }, { facts, random: seeded(seed) }).order[0]?.channel.id;
      const seconds = [
        second(resting('ejected'), 1),
        second(resting('told'), 2),
        second({ ...SOUND, isSound: false }, 3),
        second({ ...SOUND, isHalfOpen: true }, 4),
      ];
      expect(new Set(seconds).size).toBe(1);
      expect(seconds[0]).not.toBe(owner);
      expect(plan(all, {}, { facts, random: seeded(5) }).order[0]?.channel.id).toBe(owner);
    }
  });

  it('never brings a lower tier before a higher one, and does nothing where it is switched off', () => {
    const list = [candidateOf('1', { priority: 1 }), candidateOf('2')];
    for (let i = 0; i < 50; i++) expect(plan(list, {}, { facts: sticky(`k${i}`) }).order[0]?.channel.id).toBe('1');
    const counts = firsts((random) => plan(channels(2), {}, { facts: sticky('k'), isSticky: false, random }), 500);
    expect((counts['1'] ?? 0) / 500).toBeCloseTo(0.5, 1);
  });
});

describe('resting candidates', () => {
  it('are passed over with their reason', () => {
    const { order, passedOver, reserves } = plan(channels(3), { 1: resting('told'), 2: resting('ejected') });
    expect(idsOf(order)).toEqual(['3']);
    expect(passedOver.map(({ candidate, cause }) => [candidate.channel.id, cause])).toEqual([
      ['1', 'told'],
      ['2', 'ejected'],
    ]);
    expect(passedOver[0]?.error.retryAfterMs).toBe(1000);
    expect(reserves.size).toBe(0);
  });

  it('one of two may be ejected; of the ejected beyond half of a tier those that fail least stay, at the end', () => {
    expect(idsOf(plan(channels(2), { 1: resting('ejected') }).order)).toEqual(['2']);
    const states = {
      1: resting('ejected', { failureRate: 0.9 }),
      2: resting('probing', { failureRate: 0.6 }),
      3: resting('ejected', { failureRate: 0.7 }),
    };
    const { order, reserves } = plan([...channels(4), candidateOf('5', { priority: -1 })], states);
    expect(idsOf(order)).toEqual(['4', '5', '2']);
    expect([...reserves].map(([candidate, cause]) => [candidate.channel.id, cause])).toEqual([['2', 'probing']]);
  });

  it('are all tried where nobody else is left, except those that asked for their rest', () => {
    const states = { 1: resting('ejected'), 2: resting('told'), 3: resting('throttled'), 4: resting('full') };
    const { order, passedOver } = plan(channels(4), states);
    expect(idsOf(order)).toEqual(['4', '3', '1']);
    expect(idsOf(passedOver.map(({ candidate }) => candidate))).toEqual(['2']);
    expect(plan(channels(2), { 1: resting('told'), 2: resting('told') }).order).toEqual([]);
  });

  it('that are full or throttled stand behind all others, of lower tiers too', () => {
    const list = [
      candidateOf('1', { priority: 2 }),
      candidateOf('2', { priority: 1 }),
      candidateOf('3', { priority: 1 }),
    ];
    const { order, reserves } = plan(list, { 1: resting('full'), 2: resting('throttled') });
    expect(idsOf(order)).toEqual(['3', '1', '2']);
    expect(reserves.get(list[0] as Candidate)).toBe('full');
  });
});

describe('whatever the candidates and their states', () => {
  const state = fc.record({
    cause: fc.constantFrom(undefined, undefined, 'told', 'ejected', 'probing', 'throttled', 'full'),
    isSound: fc.boolean(),
    isHalfOpen: fc.boolean(),
    inFlight: fc.integer({ min: 0, max: 50 }),
    firstTokenMs: fc.option(fc.integer({ min: 1, max: 9000 }), { nil: undefined }),
    failureRate: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  const channel = fc.record({
    priority: fc.integer({ min: -1, max: 1 }),
    weight: fc.integer({ min: 0, max: 5 }),
    keys: fc.integer({ min: 1, max: 3 }),
    isPriced: fc.boolean(),
    tools: fc.constantFrom(undefined, true, false),
    contextTokens: fc.constantFrom(undefined, 1000, 100_000),
    cost: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    states: fc.array(state, { minLength: 3, maxLength: 3 }),
  });
  const request = fc.record({
    needsTools: fc.boolean(),
    promptTokens: fc.constantFrom(undefined, 100, 5000),
    stickyKey: fc.constantFrom(undefined, 'a', 'b'),
    strategy: fc.constantFrom(...ROUTING_STRATEGIES),
    seed: fc.integer(),
  });

  it('a plan keeps all its promises', () => {
    fc.assert(
      fc.property(fc.array(channel, { maxLength: 8 }), request, (list, { strategy, seed, ...needs }) => {
        const facts = { ...PLAIN_FACTS, ...needs };
        const states = new Map<Candidate, CandidateState>();
        const candidates = list
          .flatMap(({ priority, weight, keys, tools, contextTokens, states: drawn }, i) => {
            const capabilities = { tools, contextTokens };
            const moreCredentials = ['b', 'c'].slice(0, keys - 1);
            const made = candidatesOf(String(i), { priority, weight, moreCredentials, capabilities });
            for (const [at, candidate] of made.entries()) {
              const { cause, ...rest } = drawn[at] as (typeof drawn)[number];
              states.set(candidate, cause === undefined ? { ...SOUND, ...rest } : resting(cause, rest));
            }
            return made;
          })
          .sort((a, b) => b.priority - a.priority);
        const find = ({ channel: { id } }: Candidate) => list[Number(id)] as (typeof list)[number];
        const stateOf = (candidate: Candidate) => states.get(candidate) as CandidateState;
        const input = (): RouteInput =>
          Object.freeze({
            candidates: Object.freeze([...candidates]),
            facts: Object.freeze(facts),
            strategy,
            isSticky: true,
            isPriced: (candidate: Candidate) => find(candidate).isPriced,
            stateOf,
            costOf: (candidate: Candidate) => find(candidate).cost,
            nowMs: 0,
            random: seeded(seed),
          });
        const made = planRoute(input());
        const { order, passedOver, reserves } = made;

        // Pure: the same input gives the same plan.
        expect(planRoute(input())).toEqual(made);
        // Each candidate that can be charged for is in one of the lists, once.
        const priced = candidates.filter((candidate) => find(candidate).isPriced);
        expect(order.length + passedOver.length).toBe(priced.length);
        expect(new Set([...order, ...passedOver.map(({ candidate }) => candidate)])).toEqual(new Set(priced));
        // Never an unfit one, never one that asked for its rest.
        for (const candidate of order) {
          expect(unfitFor(candidate, facts)).toBeUndefined();
          expect(stateOf(candidate).rest?.cause).not.toBe('told');
          expect(reserves.get(candidate)).toBe(stateOf(candidate).rest?.cause);
        }
        // Reserves at the end, and before them no tier before a higher one and no channel again before all others.
        const awake = order.filter((candidate) => !reserves.has(candidate));
        expect(order.slice(0, awake.length)).toEqual(awake);
        const rounds = new Map<string, number>();
        const places = awake.map((candidate) => {
          const round = rounds.get(candidate.channel.id) ?? 0;
          rounds.set(candidate.channel.id, round + 1);
          return [round, -candidate.priority] as const;
        });
        expect(places).toEqual(places.toSorted(([a, x], [b, y]) => a - b || x - y));
        // The breaker keeps at most half of a tier out, but may always keep one.
        const fit = priced.filter((candidate) => unfitFor(candidate, facts) === undefined);
        for (const tier of Map.groupBy(fit, ({ priority }) => priority).values()) {
          const isOut = (candidate: Candidate): boolean =>
            ['ejected', 'probing'].includes(stateOf(candidate).rest?.cause ?? '') && !order.includes(candidate);
          expect(tier.filter(isOut).length).toBeLessThanOrEqual(Math.max(1, Math.floor(tier.length / 2)));
        }
        // Nobody is refused while there is somebody that did not ask to be left alone.
        expect(order.length > 0).toBe(fit.some((candidate) => stateOf(candidate).rest?.cause !== 'told'));
      }),
    );
  });
});
