import type { RoutingStrategy } from '../channels/model-routing.js';
import type { ProviderError } from '../providers/canonical/provider-error.js';
import type { Candidate } from './candidate.js';
import type { CandidateState, Rest } from './candidate-state.js';
import { orderTier, type Placed, type TierRules } from './order-tier.js';
import type { RequestFacts } from './request-facts.js';
import { isUnfitByHearsay, unfitFor } from './unfit-for.js';

/** All that an order is made from. */
export interface RouteInput {
  /** Of one model, highest priority first. */
  readonly candidates: readonly Candidate[];
  readonly facts: RequestFacts;
  readonly strategy: RoutingStrategy;
  /** Whether requests of one conversation stay together. */
  readonly isSticky: boolean;
  /** Whether callers can be charged for it; others are left out without a word. Default: all. */
  readonly isPriced?: (candidate: Candidate) => boolean;
  /** Asked once for each candidate that is fit. */
  readonly stateOf: (candidate: Candidate, nowMs: number) => CandidateState;
  /** What this request would cost the operator there, in any one unit; undefined when nobody knows. For `cheapest` and `balanced`. */
  readonly costOf: (candidate: Candidate) => number | undefined;
  /** Time of the clock that `stateOf` goes by, in milliseconds. */
  readonly nowMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A candidate that is not asked, and why. */
export interface PassedOver {
  readonly candidate: Candidate;
  /** What the caller is told when nobody else can serve it. */
  readonly error: ProviderError;
  /** `unfit`: it cannot do what the request needs. */
  readonly cause: Rest['cause'] | 'unfit';
}

/**
 * Whom to ask, and in which order. Each priced candidate is in one of the two lists; one that is thought unfit by general knowledge
 * alone is in both where there is nobody else.
 */
export interface RoutePlan {
  readonly order: readonly Candidate[];
  readonly passedOver: readonly PassedOver[];
  /** Candidates of {@link order} that rest, at its end: asked all the same, since nobody better is left by then. */
  readonly reserves: ReadonlyMap<Candidate, PassedOver['cause']>;
}

interface Resting extends Placed {
  readonly rest: Rest;
}

const NO_RESERVES: RoutePlan['reserves'] = new Map();

/**
 * Says who is asked to serve a request, and in which order. A pure function: the same input gives the same plan, and is left as it is.
 *
 * - Candidates that cannot serve the request are passed over, see {@link unfitFor}. Where none of the model can, those are reserves of
 *   which only general knowledge of the model's name says so: their upstream has the last word.
 * - Those that do not rest come first: tiers by priority, inside a tier by the strategy, and the one that a sticky request belongs to at the
 *   front of its tier.
 * - Behind them stand reserves: those whose places are all taken, those that are throttled, and what the circuit breaker has ejected
 *   beyond half of a tier (one may always be ejected). Where all rest, the ejected ones stand there too, so that the hub
 *   refuses nothing that might work. What an upstream has said itself is believed: such candidates are never asked.
 * - A channel comes a second time, with another credential, only behind all others that do not rest.
 */
export function planRoute(input: RouteInput): RoutePlan {
  const awake: Placed[] = [];
  const resting: Resting[] = [];
  const hearsay: Placed[] = [];
  const passedOver = sortOut(input, awake, resting, hearsay);
  if (awake.length === 0 && resting.length === 0 && hearsay.length > 0) return lastWord(input, hearsay, passedOver);
  const order = spread(orderTiers(awake, input));
  if (resting.length === 0) return { order, passedOver, reserves: NO_RESERVES };
  const { groups, out } = reservesOf(resting, awake);
  for (const { candidate, rest } of out) passedOver.push({ candidate, error: rest.error, cause: rest.cause });
  const reserves = new Map<Candidate, Rest['cause']>();
  const tail = groups.flatMap((group) => {
    for (const { candidate, rest } of group) reserves.set(candidate, rest.cause);
    return orderTiers(group, input);
  });
  return { order: [...order, ...spread(tail)], passedOver, reserves };
}

/** A plan of nobody but those of whom nothing certain is known. */
function lastWord(input: RouteInput, hearsay: readonly Placed[], passedOver: PassedOver[]): RoutePlan {
  const reserves = new Map(hearsay.map(({ candidate }) => [candidate, 'unfit' as const]));
  return { order: spread(orderTiers(hearsay, input)), passedOver, reserves };
}

/** Adds each candidate that is fit, or may be, to one of the lists. @returns those that are not. */
function sortOut(input: RouteInput, awake: Placed[], resting: Resting[], hearsay: Placed[]): PassedOver[] {
  const { stateOf, nowMs, facts, isPriced } = input;
  const passedOver: PassedOver[] = [];
  for (const candidate of input.candidates) {
    if (isPriced !== undefined && !isPriced(candidate)) continue;
    const unfit = unfitFor(candidate, facts);
    if (unfit !== undefined) {
      passedOver.push({ candidate, error: unfit, cause: 'unfit' });
      if (!isUnfitByHearsay(candidate, facts)) continue;
      const state = stateOf(candidate, nowMs);
      if (state.rest?.cause !== 'told') hearsay.push({ candidate, state });
      continue;
    }
    const state = stateOf(candidate, nowMs);
    if (state.rest === undefined) awake.push({ candidate, state });
    else resting.push({ candidate, state, rest: state.rest });
  }
  return passedOver;
}

/** Puts candidates, sorted by priority, in order. */
function orderTiers(placed: readonly Placed[], rules: TierRules): Candidate[] {
  if (placed.length < 2) return placed.map(({ candidate }) => candidate);
  const order: Candidate[] = [];
  for (let start = 0; start < placed.length; ) {
    const priority = placed[start]?.candidate.priority;
    let end = start + 1;
    while (end < placed.length && placed[end]?.candidate.priority === priority) end++;
    orderTier(start === 0 && end === placed.length ? placed : placed.slice(start, end), rules, order);
    start = end;
  }
  return order;
}

/** Moves channels that come again behind those that come for the first time, and so on for a third time. */
function spread(order: Candidate[]): Candidate[] {
  if (!order.some(({ credentialCount }) => credentialCount > 1)) return order;
  const rounds: Candidate[][] = [];
  const seen = new Map<string, number>();
  for (const candidate of order) {
    const times = seen.get(candidate.channel.id) ?? 0;
    seen.set(candidate.channel.id, times + 1);
    const round = rounds[times];
    if (round === undefined) rounds.push([candidate]);
    else round.push(candidate);
  }
  return rounds.flat();
}

/** What may be asked behind those that do not rest, in groups, best ones first; and what is not asked. */
function reservesOf(
  resting: readonly Resting[],
  awake: readonly Placed[],
): { readonly groups: readonly Resting[][]; readonly out: readonly Resting[] } {
  const full: Resting[] = [];
  const throttled: Resting[] = [];
  const ejected: Resting[] = [];
  const out: Resting[] = [];
  for (const one of resting) {
    if (one.rest.cause === 'told') out.push(one);
    else if (one.rest.cause === 'full') full.push(one);
    else if (one.rest.cause === 'throttled') throttled.push(one);
    else ejected.push(one);
  }
  if (awake.length === 0) return { groups: [full, throttled, ejected], out };
  const kept: Resting[] = [];
  for (const [priority, tier] of Map.groupBy(ejected, ({ candidate }) => candidate.priority)) {
    const isInTier = ({ candidate }: Placed): boolean => candidate.priority === priority;
    const size = resting.filter(isInTier).length + awake.filter(isInTier).length;
    const keptCount = Math.max(0, tier.length - Math.max(1, Math.floor(size / 2)));
    // The ones that fail least are kept.
    const byFailures = tier.toSorted((a, b) => a.state.failureRate - b.state.failureRate);
    kept.push(...byFailures.slice(0, keptCount));
    out.push(...byFailures.slice(keptCount));
  }
  return { groups: [full, throttled, kept], out };
}
