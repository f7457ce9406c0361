import { Inject, Injectable, Logger } from '@nestjs/common';
import { boundedCost } from '../../billing/bounded-cost.js';
import type { CancelSignal } from '../../common/cancellation.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import { NO_USAGE } from '../../pricing/billable-usage.js';
import { MULTIPLIER_ONE } from '../../pricing/cost-of.js';
import { PriceVersions } from '../../pricing/price-versions.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { TaskCall, TaskRef, TaskState } from '../../providers/canonical/video.js';
import type { ImageTaskOperation } from '../../providers/provider.js';
import type { Candidate } from '../../routing/candidate.js';
import { imageWayOf } from '../../routing/image-way.js';
import { askAfter, isGoneTooSoon } from '../ask-after.js';
import { callOff } from '../call-off.js';
import { JobChannels } from '../job-channels.js';
import { lookupOf } from '../job-tasks.js';
import type { LeaseOwner } from '../lease-owner.js';
import { afterNoAnswerMs, afterTroubleMs, lookAgainMs } from '../look-again.js';
import { taskIdOf } from '../task-id.js';
import { LOOK_UP_MS_MAX, TaskLookUp } from '../task-look-up.js';
import { TaskSender } from '../task-sender.js';
import { externalIdOf, type LateTask, requestIdOf } from './late-task.js';
import { type LateLoss, LateTaskStore } from './late-task-store.js';
import { type LateTroubleCode, lateTroubleAlert, lostPicturesAlert } from './late-trouble.js';

/** For how long after its submission a task is asked after as its provider wants it: pictures take seconds, and seldom minutes. */
const CLOSE_MS = 15 * 60_000;
/** And then so often, for so long. */
const LATER_EVERY_MS = 15 * 60_000;
const FOLLOWED_MS_MAX = 24 * 60 * 60_000;

/** What a step is given. */
export interface LateWork {
  readonly owner: LeaseOwner;
  /** The hub stops. */
  readonly signal: CancelSignal;
}

type Success = Extract<TaskState, { state: 'succeeded' }>;

/** Sees tasks to their end whose requests are over: calls them off where that saves the bill, and books those that are made all the same. */
@Injectable()
export class LateTaskFollower {
  private readonly logger = new Logger(LateTaskFollower.name);

  constructor(
    @Inject(LateTaskStore) private readonly store: LateTaskStore,
    @Inject(JobChannels) private readonly channels: JobChannels,
    @Inject(TaskSender) private readonly sender: TaskSender,
    @Inject(TaskLookUp) private readonly lookUps: TaskLookUp,
    @Inject(PriceVersions) private readonly prices: PriceVersions,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /** One step of a task that the owner has claimed. @throws whatever is no answer of an upstream: a fault of the hub. */
  async step(task: LateTask, work: LateWork): Promise<void> {
    const candidate = await this.channels.pinned(task, task.credentialIndex);
    const way = candidate && imageWayOf(candidate);
    if (candidate === undefined || way?.kind !== 'task') await this.waitForChannel(task, work);
    else if (task.taskRef === null) await this.lookUp(task, work, candidate, way.operation);
    else await this.look(task, task.taskRef, work, candidate, way.operation);
  }

  /** Nobody will be told any more what became of a task. */
  async giveUp(task: LateTask, owner: LeaseOwner, code: LateTroubleCode): Promise<void> {
    this.logger.warn(
      `What became of the task of ${requestIdOf(task)} on channel "${task.channel}" is not known: ${code}`,
    );
    await this.store.end(task, owner, { alert: lateTroubleAlert(task, code, Date.now()) });
  }

  /** A channel that cannot be used at the moment may be back before the time is over. */
  private async waitForChannel(task: LateTask, { owner }: LateWork): Promise<void> {
    const isLost = task.taskRef === null;
    if (ageOf(task) > (isLost ? LOOK_UP_MS_MAX : FOLLOWED_MS_MAX)) {
      await this.giveUp(task, owner, isLost ? 'submission_uncertain' : 'outcome_unknown');
      return;
    }
    await this.store.putOff(task, owner, afterTroubleMs(task.looks, this.settings.jobs.statusMsMax, Math.random));
  }

  /** One look for a task whose submission was not answered: as for jobs, but that nothing is submitted again. */
  private async lookUp(
    task: LateTask,
    { owner, signal }: LateWork,
    candidate: Candidate,
    operation: ImageTaskOperation,
  ): Promise<void> {
    const sentAtMs = task.sentAt.getTime();
    const request = { externalId: externalIdOf(requestIdOf(task), task.attempt) };
    const lookup = lookupOf(operation, { request, sentAtMs }, candidate.target);
    if (lookup === undefined) return await this.giveUp(task, owner, 'submission_uncertain');
    const found = await this.lookUps.ask(candidate, { operation, lookup, sentAtMs }, signal);
    if (found === 'absent') return await this.store.end(task, owner, {});
    if (found !== 'unsure') {
      await this.store.accept(task, found, taskIdOf(operation, found));
      return await this.store.putOff(task, owner, 0);
    }
    if (signal.aborted) return await this.store.handBack(task, owner);
    await this.waitForChannel(task, { owner, signal });
  }

  /** One look at a task that its upstream has taken on. */
  private async look(
    task: LateTask,
    ref: TaskRef,
    { owner, signal }: LateWork,
    candidate: Candidate,
    operation: ImageTaskOperation,
  ): Promise<void> {
    const send = (call: TaskCall) => this.sender.send(candidate, operation, call, { signal, isOnce: false });
    let state: TaskState | undefined;
    let trouble: ProviderError | undefined;
    try {
      // Where it is billed all the same, what it costs is learnt from its end alone.
      const isOff = operation.cancel?.isBilled !== true && (await callOff(operation, ref, send));
      const answer = (await askAfter(operation, ref, send, (next) => this.store.keepRef(task, next))).state;
      state = !isOff && isGoneTooSoon(answer, ageOf(task)) ? undefined : answer;
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (signal.aborted) return await this.store.handBack(task, owner);
      trouble = error;
    }
    if (state?.state === 'succeeded')
      return await this.store.end(task, owner, { loss: await this.lossOf(task, state) });
    if (state !== undefined && isUntold(state, operation)) return await this.giveUp(task, owner, 'outcome_unknown');
    if (state?.state === 'failed' || state?.state === 'cancelled') return await this.store.end(task, owner, {});
    const ageMs = ageOf(task);
    if (ageMs > FOLLOWED_MS_MAX) return await this.giveUp(task, owner, 'outcome_unknown');
    const { statusMsMax } = this.settings.jobs;
    const soonMs = trouble
      ? afterNoAnswerMs(task, operation, statusMsMax, Math.random, trouble.retryAfterMs)
      : lookAgainMs(task, operation, statusMsMax, Math.random);
    await this.store.putOff(task, owner, ageMs < CLOSE_MS ? soonMs : Math.max(soonMs, LATER_EVERY_MS));
  }

  /** Undefined where it is not known what the operator pays. */
  private async lossOf(task: LateTask, { outputs, usage }: Success): Promise<LateLoss | undefined> {
    const { purchaseVersionId, imageSize, imageQuality, model } = task;
    const price = purchaseVersionId === null ? undefined : await this.prices.find(purchaseVersionId);
    if (price === undefined) return undefined;
    // Tokens that are not reported cannot be billed by the vendor either.
    const { inputTokens = 0, outputTokens = 0 } = usage;
    const made = {
      ...NO_USAGE,
      images: outputs.length,
      imageSize: imageSize ?? undefined,
      imageQuality: imageQuality ?? undefined,
      inputTokens,
      outputTokens,
    };
    return {
      purchaseCost: boundedCost(price, made, MULTIPLIER_ONE),
      reason: `Pictures of ${model} that were made after their request had ended`,
      toAlert: (loss) => lostPicturesAlert(task, loss),
    };
  }
}

/**
 * Whether a vendor does not know a task any more, or has let it run out, so that nothing tells whether it made it: results may be kept
 * for minutes alone. A task that was called off is expected to be gone.
 */
function isUntold(state: TaskState, { cancel }: Pick<ImageTaskOperation, 'cancel'>): boolean {
  const isCalledOff = cancel !== undefined && cancel.isBilled !== true;
  return state.state === 'failed' && state.kind === 'expired' && !isCalledOff;
}

function ageOf({ sentAt }: LateTask): number {
  return Date.now() - sentAt.getTime();
}
