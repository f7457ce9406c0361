import { boundedCost } from '../../../billing/bounded-cost.js';
import type { ModelRouting } from '../../../channels/model-routing.js';
import type { NanoCredits } from '../../../common/money.js';
import { describeModel } from '../../../jobs/describe-model.js';
import { MULTIPLIER_ONE } from '../../../pricing/cost-of.js';
import type { PriceTable } from '../../../pricing/price-table.js';
import type { VideoModelPatch } from '../../../providers/canonical/video.js';
import { ableCandidates, type OperationName, pricedCandidates } from '../../../routing/able-candidates.js';
import type { Candidate } from '../../../routing/candidate.js';
import type { CandidateState } from '../../../routing/candidate-state.js';
import { drawOrder } from '../../../routing/draw-order.js';
import { evenDraw } from '../../../routing/even-draw.js';
import { planRoute } from '../../../routing/plan-route.js';
import { NO_NEEDS } from '../../../routing/request-facts.js';
import type { ServedRequest } from './served-requests.js';

/** What the endpoints of requests that are answered at once ask for; all others make videos or pictures as tasks. */
const OPERATIONS: Readonly<Record<string, OperationName>> = {
  'chat/completions': 'chat',
  messages: 'chat',
  responses: 'chat',
  embeddings: 'embeddings',
  'images/generations': 'images',
  'images/edits': 'imageEdits',
  completions: 'completions',
  moderations: 'moderations',
  'audio/transcriptions': 'transcriptions',
  'audio/translations': 'transcriptions',
  'audio/speech': 'speech',
  rerank: 'rerank',
  'image/submit': 'images',
};

/** The candidates of a model before or after a change, highest priority first. */
export interface ModelRoutes {
  readonly candidates: readonly Candidate[];
  readonly video: VideoModelPatch | undefined;
  readonly routing: ModelRouting | undefined;
  readonly prices: PriceTable;
}

/** Where nothing is known of how a channel is doing. */
const ALL_SOUND: CandidateState = {
  rest: undefined,
  isSound: true,
  isHalfOpen: false,
  inFlight: 0,
  firstTokenMs: undefined,
  failureRate: 0,
};

/** What became of the requests of one channel. */
export interface ChannelShare {
  readonly channelId: string;
  /** Requests that really ended there. */
  served: number;
  /** Requests that are tried there first, as the routes are and as they would be. */
  before: number;
  after: number;
}

/** What a replay comes to. */
export interface ReplayResult {
  readonly requests: number;
  readonly channels: readonly ChannelShare[];
  readonly withoutChannelBefore: number;
  readonly withoutChannelAfter: number;
  /** Of the requests that have a purchase price on both sides. */
  readonly costBefore: NanoCredits;
  readonly costAfter: NanoCredits;
  /** Charged requests that have a channel on both sides, but no purchase price on one. */
  readonly requestsUnpriced: number;
}

/**
 * Routes the requests of a model again by what live traffic is routed by: which channels are able, which have a price, and the
 * model's strategy. Chance is spread evenly and the same on both sides, so that only the change makes a difference. Speeds,
 * rests of channels and failed attempts are not played through: it is about where requests are tried first.
 */
export class RouteReplay {
  private readonly shares = new Map<string, ChannelShare>();
  private readonly able = new Map<string, readonly [readonly Candidate[], readonly Candidate[]]>();
  private requests = 0;
  private withoutBefore = 0;
  private withoutAfter = 0;
  private costBefore = 0n;
  private costAfter = 0n;
  private unpriced = 0;

  constructor(
    private readonly before: ModelRoutes,
    private readonly after: ModelRoutes,
  ) {}

  /** Routes one request. */
  add(request: ServedRequest): void {
    const draw = evenDraw(this.requests++);
    const [ableBefore, ableAfter] = this.ableFor(request.endpoint);
    const before = firstOf(this.before, ableBefore, request, draw);
    const after = firstOf(this.after, ableAfter, request, draw);
    if (request.channelId !== null) this.shareOf(request.channelId).served++;
    if (before === undefined) this.withoutBefore++;
    else this.shareOf(before.channel.id).before++;
    if (after === undefined) this.withoutAfter++;
    else this.shareOf(after.channel.id).after++;
    if (before !== undefined && after !== undefined && request.isCharged) this.addCosts(request, before, after);
  }

  /** What it all comes to so far; channels by id. */
  result(): ReplayResult {
    return {
      requests: this.requests,
      channels: [...this.shares.values()].sort((a, b) => (BigInt(a.channelId) < BigInt(b.channelId) ? -1 : 1)),
      withoutChannelBefore: this.withoutBefore,
      withoutChannelAfter: this.withoutAfter,
      costBefore: this.costBefore,
      costAfter: this.costAfter,
      requestsUnpriced: this.unpriced,
    };
  }

  private addCosts({ usage }: ServedRequest, before: Candidate, after: Candidate): void {
    const [old, next] = [priceOf(this.before, before), priceOf(this.after, after)];
    if (old === undefined || next === undefined) {
      this.unpriced++;
      return;
    }
    this.costBefore += boundedCost(old.price, usage, MULTIPLIER_ONE);
    this.costAfter += boundedCost(next.price, usage, MULTIPLIER_ONE);
  }

  private ableFor(endpoint: string): readonly [readonly Candidate[], readonly Candidate[]] {
    let able = this.able.get(endpoint);
    if (able === undefined) {
      able = [ableAt(this.before, endpoint), ableAt(this.after, endpoint)];
      this.able.set(endpoint, able);
    }
    return able;
  }

  private shareOf(channelId: string): ChannelShare {
    let share = this.shares.get(channelId);
    if (share === undefined) {
      share = { channelId, served: 0, before: 0, after: 0 };
      this.shares.set(channelId, share);
    }
    return share;
  }
}

/** Where a request is tried first. Tasks go by priority and weight alone. */
function firstOf(
  { routing, prices }: ModelRoutes,
  candidates: readonly Candidate[],
  { endpoint, usage }: ServedRequest,
  draw: number,
): Candidate | undefined {
  const operation = OPERATIONS[endpoint];
  const random = (): number => draw;
  if (operation === undefined) return drawOrder(candidates, random)[0];
  return planRoute({
    candidates,
    // What a request needed is not stored, so that it does not count here.
    facts: { ...NO_NEEDS, operation, isStream: false, promptTokens: usage.inputTokens },
    strategy: routing?.strategy ?? 'weighted',
    isSticky: false,
    stateOf: () => ALL_SOUND,
    costOf: ({ target, channel }) => {
      const price = prices.purchase(target.publicModel, channel.id)?.price;
      return price && Number(boundedCost(price, usage, MULTIPLIER_ONE));
    },
    nowMs: 0,
    random,
  }).order[0];
}

function ableAt({ candidates, video, prices }: ModelRoutes, endpoint: string): readonly Candidate[] {
  const makesVideos = (candidate: Candidate): boolean => describeModel(candidate, video) !== undefined;
  const operation = OPERATIONS[endpoint];
  const able =
    operation === undefined ? candidates.filter(makesVideos) : ableCandidates(candidates, operation, makesVideos);
  return pricedCandidates(able, prices, operation);
}

function priceOf({ prices }: ModelRoutes, { target, channel }: Candidate) {
  return prices.purchase(target.publicModel, channel.id);
}
