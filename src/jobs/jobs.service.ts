import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../auth/caller.js';
import { ledgerUnavailable } from '../billing/billing.errors.js';
import type { CatalogChannel } from '../channels/catalog.types.js';
import type { CancelSignal } from '../common/cancellation.js';
import { invalidRequest } from '../common/hub-error.js';
import type { NanoCredits } from '../common/money.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import {
  IDEMPOTENCY_TTL_SECONDS,
  Idempotency,
  type IdempotencyClaim,
  type StoredAnswer,
} from '../idempotency/idempotency.service.js';
import { rateLimitExceeded } from '../limits/limits.errors.js';
import { RateLimiter } from '../limits/rate-limiter.js';
import { Custody } from '../media/custody.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import { callbackUrlOf } from './callback-url.js';
import { createRefused } from './create-refused.js';
import { findUnstorable } from './find-unstorable.js';
import { jobFinished, jobNotCancellable, jobNotFinished, jobNotFound } from './job.errors.js';
import { isOver, type Job, type JobKind, type JobOffer, type JobRequest, type JobStatus, statusOf } from './job.js';
import { JobChannels } from './job-channels.js';
import { JobEnder, offerOf } from './job-ender.js';
import { JobRouter, type Route } from './job-router.js';
import { type JobFilter, JobStore, type NewJobInput } from './job-store.js';
import { tasksOf } from './job-tasks.js';
import type { JobView } from './job-view.js';
import { JobWatcher } from './job-watcher.js';
import { JobWorker } from './job-worker.js';

/** A validated request for a job. */
export interface JobDraft {
  /** `req_` and 32 hex digits; these become the job's id. */
  readonly requestId: string;
  readonly kind: JobKind;
  /** Such as `video/submit`; for the usage event. */
  readonly endpoint: string;
  readonly caller: Caller;
  /** What the caller named. */
  readonly provider?: string;
  readonly model?: string;
  readonly request: JobRequest;
  /** Pictures of the request that are stored with the job. */
  readonly inputs: readonly NewJobInput[];
  readonly userIdentifier: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly webhookUrl?: string;
  readonly claim?: IdempotencyClaim;
  /** Sets headers of the answer, whatever it will be. */
  readonly setHeaders: (headers: Readonly<Record<string, string>>) => void;
  /** The answer that says the job was taken on; its Idempotency-Key replays it. */
  readonly toAnswer: (id: string) => StoredAnswer;
}

/** What became of a draft. */
export type Created =
  | { readonly kind: 'created'; readonly id: string }
  | { readonly kind: 'replayed'; readonly answer: StoredAnswer };

/** Jobs to list, by what callers see. */
export interface JobQuery extends Omit<JobFilter, 'states'> {
  readonly statuses?: readonly JobStatus[];
}

const CLAIM_TAKEN = 6;

const STATES: Readonly<Record<JobStatus, readonly string[]>> = {
  queued: ['queued', 'submitting', 'unknown', 'accepted'],
  processing: ['processing', 'fetching'],
  succeeded: ['succeeded'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};

/** What callers may do with jobs. */
@Injectable()
export class Jobs {
  constructor(
    @Inject(JobStore) private readonly store: JobStore,
    @Inject(JobRouter) private readonly router: JobRouter,
    @Inject(JobWorker) private readonly worker: JobWorker,
    @Inject(JobWatcher) private readonly watcher: JobWatcher,
    @Inject(JobEnder) private readonly ender: JobEnder,
    @Inject(JobChannels) private readonly channels: JobChannels,
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(RateLimiter) private readonly limiter: RateLimiter,
    @Inject(Idempotency) private readonly idempotency: Idempotency,
    @Inject(Custody) private readonly custody: Custody,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Takes a job on: ways to carry it out, room for its result, limits, and then its money and the job itself in one transaction.
   *
   * @throws HubError 400 naming the option, 403, 404 `model_not_found`, 409 or 422 for its Idempotency-Key, 429, 503.
   */
  async create(draft: JobDraft): Promise<Created> {
    const { claim } = draft;
    const unstorable = findUnstorable(draft);
    if (unstorable !== undefined) {
      throw invalidRequest(`"${unstorable}" holds the character NUL or half of a surrogate pair.`, unstorable);
    }
    const before = claim && (await this.idempotency.find(claim));
    if (before !== undefined) return { kind: 'replayed', answer: before };
    const route = this.router.route(draft.caller, draft);
    await this.custody.checkRoom(this.hasLinks(draft, route));
    await this.askLimits(draft, route);
    const id = draft.requestId.slice('req_'.length);
    const code = await this.save(draft, route, id);
    if (code === 1 || code === 7) {
      this.worker.wake();
      return { kind: 'created', id };
    }
    if (code === CLAIM_TAKEN && claim !== undefined) {
      const stored = await this.idempotency.find(claim);
      if (stored !== undefined) return { kind: 'replayed', answer: stored };
    }
    throw createRefused(code);
  }

  /** A job of an account; undefined for every other. */
  async find(accountId: string, id: string): Promise<JobView | undefined> {
    const job = await this.store.findOf(accountId, id);
    return job && { job, outputs: await this.outputsOf(job) };
  }

  /** Jobs of an account by id. */
  async list(accountId: string, { statuses, ...filter }: JobQuery): Promise<JobView[]> {
    const states = statuses?.flatMap((status) => STATES[status]);
    const jobs = await this.store.list(accountId, { ...filter, states });
    const outputs = await this.store.outputsOf(jobs.filter((job) => job.state === 'succeeded').map((job) => job.id));
    return jobs.map((job) => ({ job, outputs: outputs.get(job.id) ?? [] }));
  }

  /**
   * Calls a job off: at once while it waits here; where its upstream lets it, by asking there, and then its status tells what came
   * of it.
   *
   * @throws HubError 404, 409 `job_finished` or `job_not_cancellable`.
   */
  async cancel(accountId: string, id: string): Promise<JobView> {
    const job = await this.store.findOf(accountId, id);
    if (job === undefined) throw jobNotFound();
    if (job.state === 'cancelled') return { job, outputs: [] };
    if (isOver(job.state)) throw jobFinished(statusOf(job.state));
    const isOff = job.state === 'queued' && (await this.ender.cancel(job, null));
    if (!isOff) {
      if (!(await this.mayBeCalledOff(job))) throw jobNotCancellable();
      if (await this.store.requestCancel(id)) this.worker.wake();
    }
    const now = await this.find(accountId, id);
    if (now === undefined) throw jobNotFound();
    // It may have ended while this was being decided.
    if (isOver(now.job.state) && now.job.state !== 'cancelled') throw jobFinished(statusOf(now.job.state));
    return now;
  }

  /** Hides a job that is over and has its files deleted. @throws HubError 404, 409 `job_not_finished`. */
  async remove(accountId: string, id: string): Promise<void> {
    const job = await this.store.findOf(accountId, id);
    if (job === undefined) throw jobNotFound();
    if (!isOver(job.state)) throw jobNotFinished();
    await this.store.remove(id);
  }

  /** The job now and after each change, until it is over, gone, or `signal` says stop. */
  watch(accountId: string, id: string, signal: CancelSignal): AsyncGenerator<JobView | 'ping', void> {
    return this.watcher.watch(accountId, id, signal);
  }

  /** Where the upstream of a channel reports to; undefined where the channel has no secret to know it by. */
  callbackUrlOf(channel: Pick<CatalogChannel, 'name' | 'callbackSecret'>): string | undefined {
    return callbackUrlOf(this.settings, channel);
  }

  /** An upstream has news of a task: its job is looked at now. */
  async wakeByTask(
    channelId: string,
    { externalId, upstreamId }: { readonly externalId?: string; readonly upstreamId?: string },
  ): Promise<'woken' | 'over' | 'absent'> {
    const job = await this.findByTask(channelId, externalId, upstreamId);
    if (job === undefined) return 'absent';
    if (!(await this.store.wake(job.id))) return 'over';
    this.worker.wake();
    return 'woken';
  }

  private async findByTask(channelId: string, externalId?: string, upstreamId?: string): Promise<Job | undefined> {
    const byTask = upstreamId === undefined ? undefined : await this.store.findByTask(channelId, upstreamId);
    if (byTask !== undefined) return byTask;
    const id = externalId === undefined ? undefined : /^job_([0-9a-f]{32})$/.exec(externalId)?.[1];
    const job = id === undefined ? undefined : await this.store.find(id);
    // An id that another channel's upstream was given proves nothing.
    return job?.channelId === channelId ? job : undefined;
  }

  /** Whether a job that is not over can be called off, here or at its upstream. */
  async mayBeCalledOff(job: Job): Promise<boolean> {
    // Nobody knows yet whether its upstream takes it. If not, it is called off here.
    if (job.state === 'queued' || job.state === 'submitting' || job.state === 'unknown') return true;
    if (job.state === 'fetching') return false;
    const candidate = await this.channels.pinned(offerOf(job));
    const cancel = candidate && tasksOf(job.kind, candidate)?.cancel;
    if (cancel === undefined || (job.taskRef !== null && cancel.toCall(job.taskRef) === undefined)) return false;
    return cancel.states.includes(job.state === 'processing' ? 'processing' : 'queued');
  }

  /** Whether every result comes with a link of its upstream; others lie behind a credential, or come in the answer. */
  private hasLinks({ kind }: JobDraft, { offers }: Route): boolean {
    const isLinked = (offer: JobOffer): boolean => this.channels.open(offer)?.provider.video?.toContent === undefined;
    return kind === 'video' && offers.every(isLinked);
  }

  private async outputsOf(job: Job): Promise<JobView['outputs']> {
    return job.state === 'succeeded' ? ((await this.store.outputsOf([job.id])).get(job.id) ?? []) : [];
  }

  private async askLimits({ caller, setHeaders }: JobDraft, { offers }: Route): Promise<void> {
    const { models } = this.catalog.table;
    const ofModel = offers[0] && models.get(offers[0].model)?.limits;
    const decision = await this.limiter.acquire(ofModel === undefined ? caller.limits : [...caller.limits, ofModel], 0);
    setHeaders(decision.headers);
    if (!decision.isAllowed) throw rateLimitExceeded(decision);
    // What is limited is how often jobs are submitted; the request is over when its job is stored.
    decision.ticket.finish(0);
  }

  private async save(draft: JobDraft, { offers, hold }: Route, id: string): Promise<number> {
    const { caller, claim, kind, endpoint, request, inputs, userIdentifier, metadata, webhookUrl } = draft;
    try {
      return await this.store.create({
        id,
        kind,
        accountId: caller.accountId,
        keyId: caller.keyId,
        endpoint,
        request,
        inputs,
        offers,
        held: hold satisfies NanoCredits,
        multiplierMillionths: caller.multiplierMillionths,
        userIdentifier,
        metadata,
        webhookUrl,
        queueMs: this.settings.jobs.queueMs,
        claim: claim && {
          route: claim.route,
          key: claim.key,
          hash: claim.hash.toString('hex'),
          ttlSeconds: IDEMPOTENCY_TTL_SECONDS,
        },
        answer: claim && this.idempotency.encryptAnswer(claim, id, draft.toAnswer(id)),
      });
    } catch (error) {
      throw ledgerUnavailable(error);
    }
  }
}
