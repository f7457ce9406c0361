import type { CatalogModel } from '../channels/catalog.types.js';
import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import { CostOutOfRangeError, costOf, MULTIPLIER_ONE } from '../pricing/cost-of.js';
import type { Price } from '../pricing/price.js';
import type { PriceTable } from '../pricing/price-table.js';
import { isPricedFor, type OperationName } from './able-candidates.js';
import type { Candidate } from './candidate.js';
import type { ChannelHealth } from './health/channel-health.js';
import { planRoute, type RoutePlan } from './plan-route.js';
import type { RequestFacts } from './request-facts.js';

/** Where nobody has counted the prompt. */
const PROMPT_TOKENS_GUESS = 1000;
/** Answers are shorter than callers allow for. */
const OUTPUT_TOKENS_GUESS = 500;
/** Their answers have no tokens. */
const WITHOUT_OUTPUT: ReadonlySet<OperationName> = new Set(['embeddings', 'moderations', 'rerank']);

/** A request, and what it may be served by. */
export interface PlanInput {
  /** Of one model, highest priority first. Those that have no selling price are left out. */
  readonly candidates: readonly Candidate[];
  readonly facts: RequestFacts;
  /** The model of the candidates. */
  readonly model: CatalogModel;
  readonly prices: PriceTable;
}

/** Plans requests by how the candidates are doing at this moment. */
export class RoutePlanner {
  private readonly random: () => number;

  /** @param random uniform in [0, 1). */
  constructor(
    private readonly health: ChannelHealth,
    random?: () => number,
  ) {
    this.random = random ?? Math.random;
  }

  /** Says whom to ask, in which order; see {@link planRoute}. */
  plan({ candidates, facts, model, prices }: PlanInput): RoutePlan {
    const { health, random } = this;
    const plan = planRoute({
      candidates,
      facts,
      strategy: model.routing?.strategy ?? 'weighted',
      isSticky: model.routing?.sticky ?? true,
      isPriced: ({ target, channel }) =>
        isPricedFor(prices.selling(target.publicModel, channel.id)?.price, facts.operation),
      stateOf: (candidate, nowMs) => health.stateOf(candidate, nowMs),
      costOf: purchaseCosts(candidates, facts, prices, health),
      nowMs: health.nowMs(),
      random,
    });
    this.noteHeldBack(plan);
    return plan;
  }

  /** What is throttled learns of the requests that would have come to it, but not of those that others serve first anyway. */
  private noteHeldBack({ order, reserves }: RoutePlan): void {
    const [first] = order;
    if (reserves.size === 0 || first === undefined || reserves.has(first)) return;
    for (const [candidate, cause] of reserves) {
      if (cause === 'throttled' && candidate.priority >= first.priority) this.health.noteHeldBack(candidate);
    }
  }
}

/**
 * What a request would cost the operator at each candidate, in nano-credits; for comparing only. The part of the prompt that comes out of
 * the upstream's cache is the observed one; where nothing was observed, what was elsewhere.
 */
function purchaseCosts(
  candidates: readonly Candidate[],
  facts: RequestFacts,
  prices: PriceTable,
  health: ChannelHealth,
): (candidate: Candidate) => number | undefined {
  let usualPart: number | undefined;
  return (candidate) => {
    const { target, channel } = candidate;
    const price = prices.purchase(target.publicModel, channel.id)?.price;
    if (price === undefined) return undefined;
    usualPart ??= meanOf(candidates.map((one) => health.cachedPartOf(one)));
    const usage = expectedUsage(facts, health.cachedPartOf(candidate) ?? usualPart);
    return comparable(price, usage);
  };
}

/** A price beyond all accounts is dearer than any other; that it is no price to pay is found out elsewhere. */
function comparable(price: Price, usage: BillableUsage): number {
  try {
    return Number(costOf(price, usage, MULTIPLIER_ONE));
  } catch (error) {
    if (error instanceof CostOutOfRangeError) return Number.MAX_VALUE;
    throw error;
  }
}

function expectedUsage(facts: RequestFacts, cachedPart: number): BillableUsage {
  if (facts.operation === 'images' || facts.operation === 'imageEdits') {
    return { ...NO_USAGE, inputTokens: facts.promptTokens ?? 0, images: facts.choiceCount, imageSize: facts.imageSize };
  }
  const inputTokens = Math.ceil(facts.promptTokens ?? PROMPT_TOKENS_GUESS);
  const outputTokens = Math.ceil(Math.min(facts.outputTokensCap ?? OUTPUT_TOKENS_GUESS, OUTPUT_TOKENS_GUESS));
  return {
    ...NO_USAGE,
    inputTokens,
    cachedInputTokens: Math.floor(inputTokens * cachedPart),
    outputTokens: WITHOUT_OUTPUT.has(facts.operation) ? 0 : outputTokens,
    ...facts.given,
  };
}

function meanOf(values: readonly (number | undefined)[]): number {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
}
