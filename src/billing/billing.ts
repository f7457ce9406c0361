import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { LimitDecision } from '../limits/limit-decision.js';
import { rateLimitExceeded } from '../limits/limits.errors.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import type { PriceVersion } from '../pricing/price.js';
import { modelNotPriced } from '../pricing/pricing.errors.js';
import type { ReserveResult } from '../quota/core/ledger-store.js';
import { Ledger } from '../quota/ledger.js';
import { Bill, holdIdOf } from './bill.js';
import { ledgerUnavailable, reserveRefused } from './billing.errors.js';
import { type HoldSize, holdSize } from './hold-size.js';
import type { Order } from './order.js';
import { OrderLimits } from './order-limits.js';

/** A request that was let in, or one whose Idempotency-Key is taken. */
export type Admission =
  | { readonly kind: 'admitted'; readonly bill: Bill; readonly limits: OrderLimits }
  /** The caller looks up what became of the first request. */
  | { readonly kind: 'claim_taken' };

/** Lets requests in against money and limits, and makes their bills. */
@Injectable()
export class Billing {
  constructor(
    @Inject(Ledger) private readonly ledger: Ledger,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * What a request would hold.
   * @throws HubError 503 `model_not_priced`.
   */
  sizeOf(order: Order): HoldSize {
    return this.sizeAt(order, versionsOf(order));
  }

  /**
   * Price, limits, hold, in this order. The hold is durable when it resolves.
   * @param onLimits is given the `x-ratelimit-*` headers, whatever the outcome.
   * @throws HubError 503 `model_not_priced` or `service_unavailable`, 429, 403.
   */
  async admit(order: Order, onLimits: (headers: Readonly<Record<string, string>>) => void): Promise<Admission> {
    const versions = versionsOf(order);
    const size = this.sizeAt(order, versions);
    const tokens = tokensOf(order, size);
    const decision = this.askLimits(order, tokens);
    const limits = decision instanceof Promise ? await decision : decision;
    onLimits(limits.headers);
    if (!limits.isAllowed) throw rateLimitExceeded(limits);
    let result: ReserveResult;
    try {
      result = await this.reserve(order, size, versions[0].id);
    } catch (error) {
      limits.ticket.finish(0);
      throw ledgerUnavailable(error);
    }
    if (result.status === 'held') {
      const { ledger, limiter } = this;
      const ticket = new OrderLimits({ limiter, ticket: limits.ticket, model: order.model, tokens });
      const sliceTokens = this.settings.billing.streamSliceTokens;
      const bill = new Bill({ ledger, order, size, held: result.amount, ticket, sliceTokens });
      return { kind: 'admitted', bill, limits: ticket };
    }
    limits.ticket.finish(0);
    if (result.reason === 'claim_taken') return { kind: 'claim_taken' };
    throw reserveRefused(result.reason);
  }

  /**
   * Lets a request in that costs nothing. It counts as one of its limits' requests, with no tokens.
   * @param onLimits is given the `x-ratelimit-*` headers, whatever the outcome.
   * @throws HubError 429.
   */
  async admitFree(
    subjects: Order['payer']['limits'],
    onLimits: (headers: Readonly<Record<string, string>>) => void,
  ): Promise<void> {
    const limits = await this.limiter.acquire(subjects, 0);
    onLimits(limits.headers);
    if (!limits.isAllowed) throw rateLimitExceeded(limits);
    limits.ticket.finish(0);
  }

  private sizeAt(order: Order, versions: readonly PriceVersion[]): HoldSize {
    const { streamSliceTokens } = this.settings.billing;
    return holdSize(
      order,
      versions.map((version) => version.price),
      streamSliceTokens,
    );
  }

  private askLimits(order: Order, tokens: number): LimitDecision | Promise<LimitDecision> {
    const { limits } = order.payer;
    const subjects = order.modelLimits === undefined ? limits : [...limits, order.modelLimits];
    return this.limiter.acquire(subjects, tokens);
  }

  private reserve(order: Order, size: HoldSize, priceVersionId: string): Promise<ReserveResult> {
    const { payer, model, kind, userIdentifier, claim } = order;
    return this.ledger.reserve({
      holdId: holdIdOf(order),
      accountId: payer.accountId,
      keyId: payer.keyId,
      kind,
      amount: size.amount,
      minimum: size.minimum,
      priceVersionId,
      model,
      userIdentifier,
      claim,
    });
  }
}

/** What an order may need, prompt and answer together. */
function tokensOf({ output, promptTokens }: Order, size: HoldSize): number {
  const cap = output.kind === 'tokens' ? (output.cap ?? size.outputTokensCap ?? 0) * output.choices : 0;
  return promptTokens + cap;
}

/**
 * Prices that may apply to an order: one for each of its routes that has one.
 * @throws HubError 503 `model_not_priced` when there is none.
 */
function versionsOf({ routes, prices, model }: Order): readonly [PriceVersion, ...PriceVersion[]] {
  const found: PriceVersion[] = [];
  for (const route of routes) {
    const version = prices.selling(route.model, route.channelId);
    if (version !== undefined && !found.includes(version)) found.push(version);
  }
  const [first, ...others] = found;
  if (first === undefined) throw modelNotPriced(model);
  return [first, ...others];
}
