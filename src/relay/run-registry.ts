import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BillEnd } from '../billing/bill-end.js';
import { settlementPending } from '../billing/billing.errors.js';
import { Billing } from '../billing/billing.js';
import type { Order } from '../billing/order.js';
import { BoundedWait } from '../common/bounded-wait.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { IDEMPOTENCY_TTL_SECONDS, Idempotency, type IdempotencyClaim } from '../idempotency/idempotency.service.js';
import { Observers } from '../observers/observers.js';
import { shuttingDown } from './relay.errors.js';
import type { JsonAnswer } from './relay-answer.js';
import type { RelayContext } from './relay-context.js';
import type { RelayOrder } from './relay-order.js';
import { type RelayEnd, RelayRun } from './relay-run.js';
import { replayOf, toStoredAnswer } from './replay.js';
import { toRelayReport } from './to-relay-report.js';
import { userIdentifierOf } from './user-identifier.js';

/** How long an answer waits for its settlement while the database is away. */
const SETTLE_MS_MAX = 10_000;
/** The same for one that failed: it owes nobody the proof. */
const SETTLE_FAILED_MS_MAX = 2_000;

/**
 * The requests in flight. *admit* and *finish* of every relay request pass through here, each exactly once: the place
 * where money is reserved and settled, and what a graceful stop waits for.
 */
@Injectable()
export class RunRegistry {
  private readonly logger = new Logger(RunRegistry.name);
  private readonly runs = new Set<RelayRun>();
  private readonly whenDone = new BoundedWait(SETTLE_MS_MAX, settlementPending);
  private readonly whenFailed = new BoundedWait(SETTLE_FAILED_MS_MAX, settlementPending);
  private isClosed = false;

  constructor(
    @Inject(Billing) private readonly billing: Billing,
    @Inject(Idempotency) private readonly idempotency: Idempotency,
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(Observers) private readonly observers: Observers,
  ) {}

  /** Number of requests in flight, those included whose settlement is not durable yet. */
  get size(): number {
    return this.runs.size;
  }

  /**
   * Lets a validated request in. Nothing has been sent to an upstream before this, and everything after it ends in
   * `RelayRun.finish`.
   * @returns the run, or the stored answer of an earlier request with the same Idempotency-Key.
   * @throws HubError 403, 409, 422, 429, 503.
   */
  async admit(context: RelayContext, order: RelayOrder): Promise<RelayRun | JsonAnswer> {
    if (this.isClosed) throw shuttingDown();
    const claim = context.idempotencyKey === undefined ? undefined : await this.claimOf(context, order);
    const admission = await this.billing.admit(this.toOrder(context, order, claim), context.setHeaders);
    if (admission.kind === 'claim_taken' && claim !== undefined) {
      const stored = await this.idempotency.find(claim);
      // Freed between the two looks: the first request failed without a charge, so this one is carried out.
      return stored === undefined ? await this.admit(context, order) : replayOf(stored);
    }
    if (admission.kind === 'claim_taken') throw new Error('A claim is taken that nobody made.');
    const { bill, limits } = admission;
    const { id, onDisconnect } = order.choice.model;
    const run = new RelayRun(context, bill, {
      model: id,
      limits,
      isDrained: onDisconnect === 'drain',
      onFinish: (finished, end) => {
        if (!this.observers.isEmpty) this.observers.relayEnded(context.log, toRelayReport(finished, order, end));
        return this.settle(finished, this.toBillEnd(finished, end, claim));
      },
    });
    this.runs.add(run);
    this.observers.relayBegins();
    if (this.isClosed) run.stop();
    return run;
  }

  /** The order of a request, as billing takes it; also for a quote. */
  toOrder(
    context: RelayContext,
    { choice, promptTokens, body, endpoint, kind, output, serviceTier }: RelayOrder,
    claim?: IdempotencyClaim,
  ): Order {
    const { model, prices, plan, passedOver } = choice;
    // Whoever rests is counted in: what is held does not depend on who is well at the moment.
    const resting = passedOver.filter(({ isUnfit }) => !isUnfit);
    const routes = [...plan, ...resting].map(({ candidate }) => ({
      model: candidate.target.publicModel,
      channelId: candidate.channel.id,
    }));
    return {
      requestId: context.requestId,
      payer: context.caller,
      model: model.id,
      modelLimits: model.limits,
      outputTokensDefault: model.outputTokensDefault ?? this.settings.billing.outputTokensDefault,
      endpoint,
      kind,
      routes,
      prices,
      promptTokens,
      output,
      serviceTier,
      userIdentifier: userIdentifierOf(body),
      claim: claim && {
        route: claim.route,
        key: claim.key,
        hash: claim.hash.toString('hex'),
        ttlSeconds: IDEMPOTENCY_TTL_SECONDS,
      },
    };
  }

  /** Ends every request because the hub stops, and lets none in any more. */
  stop(): void {
    this.isClosed = true;
    for (const run of this.runs) run.stop();
  }

  private async claimOf(context: RelayContext, order: RelayOrder): Promise<IdempotencyClaim> {
    const { route, idempotencyKey = '' } = context;
    return { accountId: context.caller.accountId, route, key: idempotencyKey, hash: await order.hash(route) };
  }

  private toBillEnd(run: RelayRun, end: RelayEnd, claim: IdempotencyClaim | undefined): BillEnd {
    const { requestId, log } = run.context;
    return {
      outcome: end.outcome,
      errorCode: end.errorCode,
      usage: run.usage,
      consumed: run.consumed,
      isEstimated: run.isJoined,
      isDelivered: end.outcome === 'done' || run.hasContent,
      text: end.text,
      firstTokenMs: log.firstTokenMs,
      upstreamStatus: run.attempts.at(-1)?.status,
      toAnswer:
        claim &&
        ((cost) => {
          const stored = toStoredAnswer(run.context, end, run.usage, cost);
          const { hold_id: _, ...sealed } = this.idempotency.encryptAnswer(claim, requestId, stored);
          return sealed;
        }),
    };
  }

  /** Settles a run. An answer waits until that is durable; the run is over only then, even when nobody waits any more. */
  private settle(run: RelayRun, end: BillEnd): Promise<void> {
    const settled = this.settleBill(run, end);
    if (end.outcome === 'done') return this.whenDone.wait(settled);
    return this.whenFailed.wait(settled).catch(() => undefined);
  }

  private async settleBill(run: RelayRun, end: BillEnd): Promise<void> {
    try {
      await run.bill.settle(end);
    } catch (error) {
      this.logger.error(`${run.context.requestId} could not be settled: ${error}`, (error as Error).stack);
      throw error;
    } finally {
      this.runs.delete(run);
    }
  }
}
