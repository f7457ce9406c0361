import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { NewAlert } from '../alerts/alert.js';
import { creditsText } from '../alerts/credits-text.js';
import { bookLateSuccess } from '../billing/book-late-success.js';
import { boundedCost } from '../billing/bounded-cost.js';
import { Cancellation } from '../common/cancellation.js';
import type { NanoCredits } from '../common/money.js';
import { pause } from '../common/pause.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { LEDGER_SQL, type Sql } from '../database/sql.js';
import { askAfter } from '../jobs/ask-after.js';
import { callOff } from '../jobs/call-off.js';
import { lookAgainMs } from '../jobs/look-again.js';
import { TaskSender } from '../jobs/task-sender.js';
import { type BillableUsage, NO_USAGE } from '../pricing/billable-usage.js';
import { MULTIPLIER_ONE } from '../pricing/cost-of.js';
import type { Price } from '../pricing/price.js';
import type { ImagesRequest } from '../providers/canonical/images.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskCall, TaskRef, TaskState } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';
import type { Candidate } from '../routing/candidate.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import type { Attempt } from './attempt.js';
import type { RelayRun } from './relay-run.js';

/** For how long a task is followed after its request has ended. */
const WATCH_MS_MAX = 15 * 60_000;
/** Tasks that are followed at a time in one process. */
const WATCHES_MAX = 500;

/** A task of pictures that nobody waits for any more. */
export interface LateTask {
  /** `req_…` of the request that it was for. */
  readonly requestId: string;
  readonly candidate: Candidate;
  /** Public name of the model that makes it. */
  readonly model: string;
  readonly operation: TaskApi;
  readonly ref: TaskRef;
  /** What was asked for, as far as prices know it. */
  readonly asked: Pick<BillableUsage, 'imageSize' | 'imageQuality'>;
  /** The tokens of the prompt are on the bill of the request: its client has left. */
  readonly isPromptBilled: boolean;
}

/** What a loss is reckoned by. */
type Lost = Pick<LateTask, 'requestId' | 'candidate' | 'model' | 'asked'>;

/**
 * Sees tasks to their end whose requests are over: calls them off where their upstream lets it, and books what those cost that are
 * made all the same. It lives in memory: a process that ends forgets them.
 */
@Injectable()
export class LateTasks implements OnApplicationShutdown {
  private readonly logger = new Logger(LateTasks.name);
  private readonly stopping = new Cancellation();
  private readonly watches = new Set<Promise<void>>();

  constructor(
    @Inject(LEDGER_SQL) private readonly sql: Sql,
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** Follows a task from now on, in the background. */
  watch(task: LateTask): void {
    const { requestId, candidate } = task;
    if (this.watches.size >= WATCHES_MAX) {
      this.logger.warn(
        `Nobody sees to the task of ${requestId} on channel "${candidate.channel.name}": too many wait.`,
      );
      return;
    }
    // The price of now: prices may change while it is made.
    const price = this.priceOf(task);
    const watch = this.follow(task, price)
      .catch((error: unknown) => this.logger.warn(`The end of the task of ${requestId} is not known: ${error}`))
      .finally(() => this.watches.delete(watch));
    this.watches.add(watch);
  }

  /**
   * Books what an attempt has made and nobody can be given, as far as the run's usage says it: the operator pays for it all the same.
   * Never throws: its caller is to be told why there are no pictures.
   */
  async bookLost(run: RelayRun, { candidate, model }: Attempt, request: ImagesRequest): Promise<void> {
    const { requestId } = run.context;
    const { images = 0, inputTokens = 0, outputTokens = 0 } = run.usage ?? {};
    const lost = { requestId, candidate, model: model.id, asked: askedOf(request) };
    try {
      const made = { images, inputTokens: run.isAborted ? 0 : inputTokens, outputTokens };
      await this.bookAt(lost, this.priceOf(lost), made);
    } catch (error) {
      this.logger.error(`The loss by ${requestId} could not be booked: ${error}`);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort(new Error('The hub stops.'));
    await Promise.all(this.watches);
  }

  private async follow(task: LateTask, price: Price | undefined): Promise<void> {
    const { operation, candidate } = task;
    const { statusMsMax } = this.settings.jobs;
    const signal = this.stopping;
    const send = (call: TaskCall) => this.sender.send(candidate, operation, call, { signal, isOnce: false });
    if (operation.cancel?.isBilled !== true) await unlessUnasked(callOff(operation, task.ref, send));
    let { ref } = task;
    const endsAt = performance.now() + WATCH_MS_MAX;
    for (let looks = 0; !signal.aborted && performance.now() < endsAt; looks++) {
      const look = await unlessUnasked(askAfter(operation, ref, send));
      ref = look?.ref ?? ref;
      const state = look?.state;
      if (state?.state === 'succeeded') return await this.bookAt(task, price, madeOf(state, task));
      if (state?.state === 'failed' || state?.state === 'cancelled') return;
      await pause(lookAgainMs({ looks }, operation, statusMsMax, Math.random), signal);
    }
    throw new Error('it did not end in time');
  }

  private priceOf({ model, candidate }: Lost): Price | undefined {
    return this.catalog.table.prices.purchase(model, candidate.channel.id)?.price;
  }

  private async bookAt(
    { requestId, candidate, model, asked }: Lost,
    price: Price | undefined,
    made: MadeCount,
  ): Promise<void> {
    if (price === undefined) return;
    const purchaseCost = boundedCost(price, { ...NO_USAGE, ...asked, ...made }, MULTIPLIER_ONE);
    const late = {
      id: requestId.slice('req_'.length),
      purchaseCost,
      actor: 'relay',
      reason: `Pictures of ${model} that were made after their request had ended`,
      alert: toAlert(requestId, candidate, purchaseCost),
    };
    await this.sql.transaction((session) => bookLateSuccess(session, late));
  }
}

/** What an upstream has made, in what it counts. */
type MadeCount = Pick<BillableUsage, 'images' | 'inputTokens' | 'outputTokens'>;

function madeOf(
  { outputs, usage }: Extract<TaskState, { state: 'succeeded' }>,
  { isPromptBilled }: LateTask,
): MadeCount {
  // Tokens that are not reported cannot be billed by the vendor either.
  const { inputTokens = 0, outputTokens = 0 } = usage;
  return { images: outputs.length, inputTokens: isPromptBilled ? 0 : inputTokens, outputTokens };
}

/** What of a request the prices of pictures go by. */
export function askedOf({ source }: Pick<ImagesRequest, 'source'>): LateTask['asked'] {
  const { size, quality } = source.value;
  return {
    imageSize: typeof size === 'string' ? size : undefined,
    imageQuality: typeof quality === 'string' ? quality : undefined,
  };
}

/** Undefined where the upstream could not be asked: there is another time. */
async function unlessUnasked<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ProviderError) return undefined;
    throw error;
  }
}

function toAlert(requestId: string, { channel }: Candidate, loss: NanoCredits): NewAlert {
  return {
    kind: 'job_trouble',
    severity: 'warning',
    subject: `channel:${channel.id}`,
    message: `Pictures of ${requestId} were made on channel "${channel.name}" after the request had ended: their ${creditsText(loss)} credits of purchase cost are a loss (late_success).`,
    details: {
      requestId,
      code: 'late_success',
      channelId: channel.id,
      channel: channel.name,
      lossNanoCredits: loss.toString(),
    },
    dedupeKey: `late_pictures:${requestId}`,
  };
}
