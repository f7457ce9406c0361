import type { NanoCredits } from '../common/money.js';
import type { LimitTicket } from '../limits/limit-decision.js';
import type { BillableUsage } from '../pricing/billable-usage.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import type { PriceVersion } from '../pricing/price.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { ExtendResult } from '../quota/core/ledger-store.js';
import type { UsageEvent } from '../quota/core/usage-event.js';
import type { Ledger } from '../quota/ledger.js';
import type { BillEnd } from './bill-end.js';
import { type BilledAttempt, lossOf, ownConsumption, type RunningAttempt } from './billed-attempt.js';
import { boundedCost } from './bounded-cost.js';
import type { Charge } from './charge.js';
import { countUsage, type OwnCount } from './count-usage.js';
import { boundOfDelivered, costOfDelivered } from './delivered-cost.js';
import { DeliveredOutput } from './delivered-output.js';
import { eventCounts } from './event-counts.js';
import { tokensOf, withoutTokens } from './event-tokens.js';
import type { HoldSize } from './hold-size.js';
import type { Order } from './order.js';
import { ownCount } from './own-count.js';
import { tierIn } from './tier-in.js';

/** What a bill is made of. */
export interface BillParts {
  readonly ledger: Pick<Ledger, 'extend' | 'meter' | 'settle'>;
  readonly order: Order;
  readonly size: HoldSize;
  /** What the ledger holds. */
  readonly held: NanoCredits;
  readonly ticket: LimitTicket;
  /** Output tokens by which an open-ended hold grows. */
  readonly sliceTokens: number;
}

/** How often a stream's meter is written into the ledger's list at most: a crash loses no more than this and a heartbeat. */
const METER_MS = 200;
/** A hold is extended when less than this part of a slice is left of it, so that the stream need not wait. */
const EXTEND_BELOW = 0.5;

/**
 * The bill of one request, from its hold to its settlement. It counts what the caller gets, makes the hold larger in time, and
 * in the end knows what is to be paid.
 */
export class Bill {
  private readonly startedAt = performance.now();
  private readonly failed: UsageEvent[] = [];
  private attempt: RunningAttempt | undefined;
  /** Whose text was delivered last. */
  private deliverer: RunningAttempt | undefined;
  private held: NanoCredits;
  private readonly delivered: DeliveredOutput;
  /** Output tokens that have been delivered so far, as the hub counts them. */
  readonly exactTokens = (): number => this.delivered.exactTokens();
  /** Output tokens that the hold pays for; undefined until somebody asks. */
  private tokensMax: number | undefined;
  private meteredAt = 0;
  private extending: Promise<void> | undefined;
  private isUsedUp = false;

  constructor(private readonly parts: BillParts) {
    this.held = parts.held;
    const { output } = parts.order;
    this.delivered = new DeliveredOutput(output.kind === 'tokens' ? output.choices : 1);
  }

  /** Cap on output tokens that must go upstream because the caller gave none. */
  get outputTokensCap(): number | undefined {
    return this.parts.size.outputTokensCap;
  }

  /** Tokens of the prompt, as the hub counts them. */
  get promptTokens(): number {
    return this.parts.order.promptTokens;
  }

  /** Output tokens that had been delivered when the attempt under way began, as the hub counts them. */
  get deliveredBefore(): number {
    return this.attempt?.deliveredBefore ?? 0;
  }

  /** An attempt at an upstream begins. */
  beginAttempt(attempt: BilledAttempt): void {
    const number = (this.attempt?.number ?? 0) + 1;
    const deliveredBefore = number === 1 ? 0 : this.exactTokens();
    const startedAt = performance.now();
    this.attempt = { ...attempt, number, startedAt, deliveredBefore, isAccepted: false, serviceTier: undefined };
    this.tokensMax = undefined;
  }

  /**
   * The attempt under way has failed; another may follow. What it consumed is booked as the operator's cost: the customer pays for
   * what is delivered in the end, once.
   * @param usage what the upstream has reported of it.
   * @param seen the status of its answer, and when its first content came.
   */
  failAttempt(
    errorCode: string,
    usage: Usage | undefined,
    seen: Pick<BillEnd, 'upstreamStatus' | 'firstTokenMs'> = {},
  ): void {
    if (this.attempt === undefined || this.failed.at(-1)?.attempt === this.attempt.number) return;
    const end: BillEnd = { ...seen, outcome: 'failed', errorCode, isDelivered: false };
    this.failed.push({ ...this.eventOf(end, this.lossOf(errorCode, usage)), isFinal: false });
  }

  /** Whether the attempt under way has a selling price for a service tier. */
  sellsTier(serviceTier: string): boolean {
    return this.sellingPrice()?.price.serviceTiers.has(serviceTier) === true;
  }

  /**
   * Notes the service tier that the attempt under way has asked its upstream for, and then the one that the answer names: its last word
   * decides the price.
   * @param serviceTier one that a price does not have is the usual one there.
   */
  noteTier(serviceTier: string | undefined): void {
    if (this.attempt === undefined || this.attempt.serviceTier === serviceTier) return;
    this.attempt.serviceTier = serviceTier;
    this.tokensMax = undefined;
  }

  /** The upstream took the request: it answered with a success status. */
  noteAccepted(): void {
    if (this.attempt !== undefined) this.attempt.isAccepted = true;
  }

  /**
   * Counts text on its way to the caller.
   * @param choice whose text it is, counted from 0.
   * @returns a promise when the caller has to wait for the hold to grow; undefined otherwise, nearly always. It resolves with
   * false when there is nothing left to grow by.
   */
  deliver(text: string, choice: number): Promise<boolean> | undefined {
    this.count(text, choice);
    const { tokens } = this.delivered;
    const now = performance.now();
    if (now - this.meteredAt > METER_MS) {
      this.meteredAt = now;
      const { ledger, order } = this.parts;
      const cost = costOfDelivered(order, this.sellingPrice()?.price, tokens, this.attempt?.serviceTier);
      ledger.meter(holdIdOf(order), this.atMost(cost));
    }
    if (!this.parts.size.isOpenEnded) return undefined;
    const tokensMax = this.affordableTokens();
    if (tokens < tokensMax - EXTEND_BELOW * this.sliceTokens) return undefined;
    if (!this.isUsedUp) this.extending ??= this.extend(tokens);
    return tokens < tokensMax ? undefined : this.hasRoom(tokens);
  }

  /**
   * Settles. Resolves when that is durable, with what the request cost.
   * @throws LedgerStoreError when the ledger refuses what it is given, which is a defect of the hub.
   */
  async settle(end: BillEnd): Promise<NanoCredits> {
    const { ledger, order, ticket } = this.parts;
    // An extension under way needs no waiting for: the database puts the two in line, and neither order loses anything.
    let final: UsageEvent | undefined;
    try {
      final = this.finalEvent(end);
    } finally {
      ticket.finish(final === undefined ? undefined : tokensOf(final));
    }
    const { cost } = final;
    await ledger.settle({
      holdId: holdIdOf(order),
      accountId: order.payer.accountId,
      cost,
      events: this.eventsWith(final),
      claim: order.claim,
      answer: end.outcome === 'done' ? end.toAnswer?.(cost) : undefined,
    });
    return cost;
  }

  private get sliceTokens(): number {
    const { order, sliceTokens } = this.parts;
    return order.output.kind === 'tokens' ? sliceTokens * order.output.choices : sliceTokens;
  }

  private eventsWith(final: UsageEvent): UsageEvent[] {
    if (this.failed.length === 0) return [final];
    // The last failure of a request that failed is the final event itself.
    const isBefore = (event: UsageEvent): boolean => final.outcome === 'done' || event.attempt !== final.attempt;
    return [...this.failed.filter(isBefore), final];
  }

  private finalEvent(end: BillEnd): UsageEvent {
    const isAccepted = this.attempt?.isAccepted === true;
    const isFree = end.outcome !== 'done' && !end.isDelivered && !(isAccepted && end.outcome === 'client_gone');
    // Where nothing was delivered, nothing is said to have been consumed.
    const event = this.eventOf(end, isFree ? undefined : this.chargeOf(end));
    const failed = this.failed.at(-1);
    const isKnown = isFree || this.parts.order.output.kind === 'tokens';
    if (end.outcome === 'done' || !isKnown || failed?.attempt !== event.attempt) return event;
    // What the last attempt has cost the operator is known since it failed; of pictures that came it is not.
    return { ...event, purchaseVersionId: failed.purchaseVersionId, purchaseCost: failed.purchaseCost };
  }

  private chargeOf(end: BillEnd): Charge {
    const { order } = this.parts;
    const isComplete = end.outcome === 'done';
    // What an upstream says before the end of a broken answer is not the whole of it; what was delivered is known.
    const reported = isComplete ? end.usage : withoutTokens(end.usage, end.isDelivered);
    // Of an answer that broke off that is paid which came, at the price of the one it came from.
    const paid = isComplete ? this.attempt : (this.deliverer ?? this.attempt);
    const selling = this.sellingPrice(paid);
    const own = this.ownCount(end, selling);
    const { usage: counted, isEstimated } = countUsage(reported, own);
    const usage = { ...counted, serviceTier: paid?.serviceTier };
    const cost = selling === undefined ? 0n : boundedCost(selling.price, usage, order.payer.multiplierMillionths);
    const purchase = this.purchasePrice();
    const consumed = { ...this.consumedOf(end, usage), serviceTier: this.attempt?.serviceTier };
    return {
      reported,
      usage,
      isEstimated: isEstimated || (isComplete && end.isEstimated === true),
      counts: eventCounts(order.output, usage, reported, own),
      serviceTier: tierIn(usage.serviceTier, selling, purchase),
      priceVersionId: selling?.id,
      purchaseVersionId: purchase?.id,
      cost: isComplete ? cost : this.atMost(cost),
      purchaseCost: purchase && boundedCost(purchase.price, consumed, MULTIPLIER_ONE),
    };
  }

  /** What the last attempt itself has consumed: of an answer that several have made, its own part. */
  private consumedOf({ outcome, consumed }: BillEnd, usage: BillableUsage): BillableUsage {
    const { attempt } = this;
    const { promptTokens, output } = this.parts.order;
    const isDone = outcome === 'done';
    const isPart = isDone ? attempt?.resume === 'prefill' : (attempt?.deliveredBefore ?? 0) > 0;
    if (attempt === undefined || output.kind !== 'tokens' || !isPart) return usage;
    return countUsage(isDone ? consumed : undefined, ownConsumption(attempt, promptTokens, this.exactTokens)).usage;
  }

  /** What a failed attempt has cost the operator; the customer pays nothing for it. */
  private lossOf(errorCode: string, reported: Usage | undefined): Charge | undefined {
    const { promptTokens, output } = this.parts.order;
    if (this.attempt === undefined || output.kind !== 'tokens') return undefined;
    const loss = lossOf(this.attempt, errorCode, reported, promptTokens, this.exactTokens);
    if (loss === undefined) return undefined;
    const purchase = this.purchasePrice();
    const { serviceTier } = this.attempt;
    return {
      ...loss,
      reported,
      counts: { inputTokens: loss.usage.inputTokens, outputTokens: loss.usage.outputTokens },
      serviceTier: tierIn(serviceTier, purchase),
      priceVersionId: undefined,
      purchaseVersionId: purchase?.id,
      cost: 0n,
      purchaseCost: purchase && boundedCost(purchase.price, { ...loss.usage, serviceTier }, MULTIPLIER_ONE),
    };
  }

  /** What the hub knows by itself, should the upstream not say it. */
  private ownCount(end: BillEnd, selling: PriceVersion | undefined): OwnCount {
    const { output, promptTokens } = this.parts.order;
    let tokens: number | undefined;
    const textTokens = (): number => {
      tokens ??= this.ownOutputTokens(end);
      return tokens;
    };
    const { isDelivered } = end;
    // Of what was made and never reached the caller nothing but the request is paid for.
    const images = isDelivered ? (end.usage?.images ?? 0) : 0;
    return ownCount(output, promptTokens, selling?.price, { isDelivered, textTokens, images });
  }

  private count(text: string, choice: number): void {
    this.delivered.push(text, choice, this.attempt?.model ?? this.parts.order.model);
    this.deliverer = this.attempt;
  }

  private ownOutputTokens(end: BillEnd): number {
    if (end.text !== undefined) this.count(end.text(), 0);
    return this.delivered.exactTokens();
  }

  /** The event of the attempt under way; one object in one go, since every request makes one. */
  private eventOf(
    { outcome, errorCode, firstTokenMs, upstreamStatus }: BillEnd,
    charge: Charge | undefined,
  ): UsageEvent {
    const { order } = this.parts;
    const { attempt } = this;
    const reported = charge?.reported;
    return {
      attempt: attempt?.number ?? 0,
      isFinal: true,
      keyId: order.payer.keyId,
      channelId: attempt?.channelId,
      model: attempt?.model ?? order.model,
      upstreamModel: attempt?.upstreamModel,
      endpoint: order.endpoint,
      userIdentifier: order.userIdentifier,
      outcome,
      errorCode,
      isEstimated: charge?.isEstimated,
      ...charge?.counts,
      cachedInputTokens: reported?.cachedInputTokens,
      cacheWriteTokens: reported?.cacheWriteTokens,
      reasoningTokens: reported?.reasoningTokens,
      serviceTier: charge?.serviceTier,
      durationMs: Math.round(performance.now() - (attempt?.startedAt ?? this.startedAt)),
      firstTokenMs,
      upstreamStatus,
      isResume: attempt && attempt.resume !== undefined,
      priceVersionId: charge?.priceVersionId,
      purchaseVersionId: charge?.purchaseVersionId,
      cost: charge?.cost ?? 0n,
      purchaseCost: charge?.purchaseCost,
    };
  }

  /** Asks for a slice beyond what is counted. Whatever comes of it, the stream learns it from {@link hasRoom}. */
  private async extend(tokens: number): Promise<void> {
    const { ledger, order } = this.parts;
    const extra = this.boundOf(tokens + this.sliceTokens) - this.held;
    try {
      const result = await ledger.extend({
        holdId: holdIdOf(order),
        accountId: order.payer.accountId,
        from: this.held,
        extra: extra > 0n ? extra : 1n,
      });
      this.takeExtension(result);
    } catch {
      // Without an answer the hold may be larger than is known here, never smaller.
      this.isUsedUp = true;
    } finally {
      this.extending = undefined;
    }
  }

  private takeExtension(result: ExtendResult): void {
    // A hold that was swept while this process slept is settled late; until then the stream goes on as far as it was paid.
    if (result.status !== 'extended' || result.amount <= this.held) this.isUsedUp = true;
    else {
      this.held = result.amount;
      this.tokensMax = undefined;
    }
  }

  private async hasRoom(tokens: number): Promise<boolean> {
    for (;;) {
      await this.extending;
      if (tokens < this.affordableTokens()) return true;
      if (this.isUsedUp) return false;
      this.extending = this.extend(tokens);
    }
  }

  /** Output tokens that the hold pays for after the prompt, at the price of the attempt under way. */
  private affordableTokens(): number {
    if (this.tokensMax !== undefined) return this.tokensMax;
    const fixed = this.boundOf(0);
    const perMillion = this.boundOf(1_000_000) - fixed;
    if (perMillion === 0n) this.tokensMax = Number.POSITIVE_INFINITY;
    else this.tokensMax = this.held <= fixed ? 0 : Number(((this.held - fixed) * 1_000_000n) / perMillion);
    return this.tokensMax;
  }

  private boundOf(tokens: number): NanoCredits {
    return boundOfDelivered(this.parts.order, this.sellingPrice()?.price, tokens, this.attempt?.serviceTier);
  }

  /** Of the attempt under way; before there is one, of the first that may follow. */
  private sellingPrice(attempt = this.attempt): PriceVersion | undefined {
    const { prices, routes } = this.parts.order;
    const route = attempt ?? routes[0];
    return route === undefined ? undefined : prices.selling(route.model, route.channelId);
  }

  private purchasePrice(): PriceVersion | undefined {
    const { attempt } = this;
    return attempt && this.parts.order.prices.purchase(attempt.model, attempt.channelId);
  }

  private atMost(cost: NanoCredits): NanoCredits {
    return cost < this.held ? cost : this.held;
  }
}

/** The id of the hold of a request: its own, without the prefix. */
export function holdIdOf(order: Pick<Order, 'requestId'>): string {
  return order.requestId.slice('req_'.length);
}
