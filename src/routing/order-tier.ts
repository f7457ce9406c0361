import type { RoutingStrategy } from '../channels/model-routing.js';
import type { Candidate } from './candidate.js';
import type { CandidateState } from './candidate-state.js';
import { drawIndex, shareOf } from './draw-order.js';
import { hash32, mix32 } from './hash32.js';
import type { RequestFacts } from './request-facts.js';

/** A candidate and how it is doing. */
export interface Placed {
  readonly candidate: Candidate;
  readonly state: CandidateState;
}

/** What a tier is put in order by. */
export interface TierRules {
  readonly facts: RequestFacts;
  readonly strategy: RoutingStrategy;
  readonly isSticky: boolean;
  readonly costOf: (candidate: Candidate) => number | undefined;
  readonly random: () => number;
}

/** Weights of a balanced score: being twice as slow and being twice as dear weigh the same, failing always weighs more. */
const SPEED_PART = 0.4;
const COST_PART = 0.4;
const FAILURE_PART = 1;
const UINT32 = 2 ** 32;
/** Next to nothing: what weighs nothing has its place in rendezvous hashing only among its like. */
const WEIGHTLESS = 1e-9;

/**
 * Puts the candidates of one tier in order: by the strategy, and the one that a sticky request belongs to first.
 *
 * @param tier at least one, none of them resting or all of them; left as it is.
 * @param order is added to.
 */
export function orderTier(tier: readonly Placed[], rules: TierRules, order: Candidate[]): void {
  const { facts, strategy, isSticky, random } = rules;
  if (tier.length === 1) {
    order.push((tier[0] as Placed).candidate);
    return;
  }
  const rest = tier.slice();
  const owner = isSticky && facts.stickyKey !== undefined ? ownerIndex(tier, facts.stickyKey) : -1;
  if (owner !== -1) order.push((rest.splice(owner, 1)[0] as Placed).candidate);
  if (strategy === 'weighted') pushDrawn(rest, random, order);
  else if (strategy === 'fastest') pushFastest(rest, random, order);
  else {
    const ranks = strategy === 'cheapest' ? costsOf(rest, rules.costOf) : scoresOf(rest, rules.costOf);
    pushRanked(rest, ranks, random, order);
  }
}

/** By weight alone. Empties the list. */
function pushDrawn(rest: Placed[], random: () => number, order: Candidate[]): void {
  while (rest.length > 0) order.push(takeAt(rest, drawIndex(rest, placedShare, random)).candidate);
}

/**
 * The power of two choices: of two that are drawn by weight the faster one, and so on with the others. A candidate that nobody knows
 * counts as fast as the fastest, so that it is got to know. Empties the list.
 */
function pushFastest(rest: Placed[], random: () => number, order: Candidate[]): void {
  const known = fastestOf(rest);
  while (rest.length > 1) {
    const first = drawIndex(rest, placedShare, random);
    const a = takeAt(rest, first);
    const second = drawIndex(rest, placedShare, random);
    const b = rest[second] as Placed;
    const isSecondFaster = hasSameUse(a, b) && loadedMs(b.state, known) < loadedMs(a.state, known);
    if (isSecondFaster) rest[second] = a;
    order.push((isSecondFaster ? b : a).candidate);
  }
  for (const { candidate } of rest) order.push(candidate);
}

/** By rank, lowest first, drawn by weight among equals; those of weight 0 last. Empties the list. */
function pushRanked(
  rest: Placed[],
  ranks: ReadonlyMap<Candidate, number>,
  random: () => number,
  order: Candidate[],
): void {
  const drawn: Candidate[] = [];
  pushDrawn(rest, random, drawn);
  const rankOf = (candidate: Candidate): number => ranks.get(candidate) ?? Number.MAX_VALUE;
  const isLast = ({ weight }: Candidate): number => (weight === 0 ? 1 : 0);
  // Sorting is stable: what the draw decided stays where nothing else does.
  order.push(...drawn.sort((a, b) => isLast(a) - isLast(b) || rankOf(a) - rankOf(b)));
}

/** What nobody knows the cost of comes last. */
function costsOf(tier: readonly Placed[], costOf: TierRules['costOf']): Map<Candidate, number> {
  const costs = new Map<Candidate, number>();
  for (const { candidate } of tier) costs.set(candidate, costOf(candidate) ?? Number.MAX_VALUE);
  return costs;
}

/**
 * From 0 (as fast as the fastest, as cheap as the cheapest, without failures) upwards. An unknown speed counts as the fastest, an unknown
 * cost as the dearest.
 */
function scoresOf(tier: readonly Placed[], costOf: TierRules['costOf']): Map<Candidate, number> {
  const known = fastestOf(tier);
  const speeds = tier.map(({ state }) => loadedMs(state, known));
  const costs = tier.map(({ candidate }) => costOf(candidate));
  const knownCosts = costs.filter((cost) => cost !== undefined);
  const fastest = Math.min(...speeds);
  const cheapest = Math.min(...knownCosts);
  const dearest = Math.max(0, ...knownCosts);
  const scores = new Map<Candidate, number>();
  for (const [i, { candidate, state }] of tier.entries()) {
    const slowness = excess(speeds[i] ?? fastest, fastest);
    const dearness = knownCosts.length === 0 ? 0 : excess(costs[i] ?? dearest, cheapest);
    scores.set(candidate, SPEED_PART * slowness + COST_PART * dearness + FAILURE_PART * state.failureRate);
  }
  return scores;
}

/** How far a value is above the best one: 0 for the best itself, 0.5 for twice as much, towards 1 without end. */
function excess(value: number, best: number): number {
  return value > best ? 1 - best / value : 0;
}

/** The lowest time to the first token that is known in the tier; 1 when none is. */
function fastestOf(tier: readonly Placed[]): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (const { state } of tier) if ((state.firstTokenMs ?? fastest) < fastest) fastest = state.firstTokenMs as number;
  return fastest === Number.POSITIVE_INFINITY ? 1 : Math.max(fastest, 1);
}

/** What a request may expect there: the time to the first token, times those that are in front of it. */
function loadedMs({ firstTokenMs, inFlight }: CandidateState, unknownMs: number): number {
  return Math.max(firstTokenMs ?? unknownMs, 1) * (inFlight + 1);
}

/** Weight 0 means "only when nothing else is left", however fast it is. */
function hasSameUse(a: Placed, b: Placed): boolean {
  return (a.candidate.weight === 0) === (b.candidate.weight === 0);
}

/**
 * Whom a sticky request belongs to: weighted rendezvous hashing over those that are sound. Every candidate draws a number that only it and
 * the key decide, so that one that comes or goes moves no requests but its own.
 *
 * @returns -1 when none is sound.
 */
function ownerIndex(tier: readonly Placed[], stickyKey: string): number {
  const key = hash32(stickyKey);
  let owner = -1;
  let highest = -1;
  for (let i = 0; i < tier.length; i++) {
    const { candidate, state } = tier[i] as Placed;
    if (!state.isSound || state.isHalfOpen || state.rest !== undefined) continue;
    const draw = (mix32(key ^ candidate.affinity) + 0.5) / UINT32;
    const score = Math.max(shareOf(candidate), WEIGHTLESS) / -Math.log(draw);
    if (score > highest) {
      highest = score;
      owner = i;
    }
  }
  return owner;
}

function placedShare({ candidate }: Placed): number {
  return shareOf(candidate);
}

/** Takes one out. */
function takeAt(list: Placed[], index: number): Placed {
  return list.splice(index, 1)[0] as Placed;
}
