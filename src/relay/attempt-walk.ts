import type { CatalogModel } from '../channels/catalog.types.js';
import type { FallbackTrigger } from '../channels/model-routing.js';
import { pause } from '../common/pause.js';
import type { Settings } from '../config/settings.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { AttemptObservers } from '../routing/attempt-observers.js';
import type { Candidate } from '../routing/candidate.js';
import type { ChannelHealth } from '../routing/health/channel-health.js';
import type { Visit } from '../routing/health/visit.js';
import type { RequestFacts } from '../routing/request-facts.js';
import type { RetryBudget } from '../routing/retry-budget.js';
import { Attempt, type Resume } from './attempt.js';
import { attemptDeadlines } from './attempt-deadlines.js';
import { backOffMs } from './back-off.js';
import { triggerOf } from './fallback-trigger.js';
import type { RelayContext } from './relay-context.js';
import type { RelayRun } from './relay-run.js';
import { MismatchError } from './rescue/splicer.js';
import type { Choice, PlannedCandidate } from './route-choice.js';

/** No request is worth more attempts, however many candidates there are. */
export const ATTEMPTS_MAX = 6;
/** Nor does it stand in more lines than this, however many channels are full. */
const LINES_MAX = 2;

/** What a walk works with. */
export interface WalkTools {
  readonly health: ChannelHealth;
  readonly budget: RetryBudget;
  readonly observers: AttemptObservers;
  readonly settings: Pick<Settings, 'upstream' | 'relay'>;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** What a walk needs of its request. */
export interface WalkedRun
  extends Pick<
    RelayRun,
    | 'signal'
    | 'hasContent'
    | 'isAborted'
    | 'requireWanted'
    | 'passOver'
    | 'enterModel'
    | 'noteUnserved'
    | 'failAttempt'
    | 'failure'
    | 'outcomeOf'
    | 'beginAttempt'
    | 'endAttempt'
  > {
  readonly context: Pick<RelayContext, 'requestId' | 'log'>;
}

/**
 * What a candidate needs before it is asked and its time begins, such as files that it wants the bytes of; undefined for nothing.
 * Rejects with ProviderError: `invalid_request` where the request is at fault, anything else to go on without that candidate.
 */
export type Preparation = (candidate: Candidate) => Promise<unknown> | undefined;

/** Who is asked next. */
interface Chosen {
  readonly planned: PlannedCandidate;
  /** Although it rests, since nobody better is left. */
  readonly isReserve: boolean;
}

/** How an answer that broke off goes on, as the walk needs to know it. */
export interface Resumption {
  /** Whoever this is true for is asked before others. */
  prefers(planned: PlannedCandidate): boolean;
  resumeAt(planned: PlannedCandidate): Resume;
}

/**
 * One request's way through its plan: who is asked next, whether anybody may be asked at all, and what the failures so far have
 * opened and closed. Nobody is asked twice, but for one who has no substitute, after a pause.
 */
export class AttemptWalk {
  private readonly spent = new Set<PlannedCandidate>();
  /** Who did not go on from a beginning: asked from the start after everybody else, since that is the same channel again. */
  private readonly refusers = new Set<PlannedCandidate>();
  private readonly triggers = new Set<FallbackTrigger>();
  /** Models that would say the same again, by public name. */
  private readonly closedModels = new Set<string>();
  private isTooLong = false;
  /** The largest window that the prompt did not fit into, as far as known. */
  private windowTokens = 0;
  private made = 0;
  /** In how many lines it has waited in vain. */
  private lines = 0;
  /** When the first attempt began. */
  private startedAt = Number.POSITIVE_INFINITY;
  private onlyFailure: { readonly planned: PlannedCandidate; readonly error: ProviderError } | undefined;

  constructor(
    private readonly tools: WalkTools,
    private readonly run: WalkedRun,
    private readonly choice: Choice,
    private readonly prepare?: Preparation,
  ) {
    if (choice.unserved !== undefined) {
      this.triggers.add('unavailable');
      run.noteUnserved(choice.unserved);
    }
    for (const { candidate, error } of choice.passedOver) {
      this.noteTrigger(candidate, error);
      run.passOver(candidate, error);
    }
  }

  /**
   * Begins the next attempt.
   * @param resumption of an answer that has begun; without it one is asked for from its beginning.
   * @returns undefined when nobody is left who may be asked.
   * @throws HubError when nobody waits for an answer any more.
   */
  async next(resumption?: Resumption): Promise<Attempt | undefined> {
    while (this.made < ATTEMPTS_MAX) {
      this.run.requireWanted();
      const chosen = this.choose(resumption) ?? (await this.again());
      if (chosen === undefined) return undefined;
      const visit = await this.enter(chosen);
      if (visit !== undefined) return this.begin(chosen.planned, visit, resumption?.resumeAt(chosen.planned));
    }
    return undefined;
  }

  /**
   * Notes that an attempt has failed.
   * @throws what it failed by when that is not an upstream's failure; HubError when nobody waits any more, or the request itself
   * is at fault.
   */
  fail(attempt: Attempt, error: unknown): void {
    if (this.run.isAborted || !(error instanceof ProviderError)) {
      attempt.leave(this.run.outcomeOf(error));
      this.run.requireWanted();
      throw error;
    }
    const { planned } = attempt;
    // That it tells the answer in other words says nothing against it.
    if (error instanceof MismatchError) attempt.refuse(error);
    else attempt.fail(error);
    this.run.failAttempt(planned, error);
    this.noteFailure(planned, error);
    this.onlyFailure = this.made === 1 ? { planned, error } : undefined;
    const isVerdict = error.kind === 'invalid_request' && planned.opensOn === undefined;
    if (isVerdict || error.mayBeMade) throw this.run.failure();
  }

  /** Notes that a candidate has refused to go on from a beginning. It may still be asked from the start. */
  refuse(attempt: Attempt, error: ProviderError): void {
    attempt.refuse(error);
    this.run.failAttempt(attempt.planned, error);
    this.refusers.add(attempt.planned);
  }

  private choose(resumption: Resumption | undefined): Chosen | undefined {
    if (resumption === undefined) return this.chooseAmong(undefined);
    return (
      this.chooseAmong((planned) => resumption.prefers(planned)) ?? this.chooseAmong(undefined) ?? this.chooseRefuser()
    );
  }

  /** The first who may be asked; where all that are left rest for reasons of the hub's own, the first of those. */
  private chooseAmong(isWanted: ((planned: PlannedCandidate) => boolean) | undefined): Chosen | undefined {
    let reserve: { readonly planned: PlannedCandidate; readonly isSound: boolean } | undefined;
    for (const planned of this.choice.plan) {
      if (this.spent.has(planned) || isWanted?.(planned) === false || !this.isOpen(planned)) continue;
      const { rest, isSound } = this.tools.health.stateOf(planned.candidate);
      if (rest?.cause === 'told' || (rest?.cause === 'full' && this.lines >= LINES_MAX)) {
        this.passOver(planned, rest.error);
      } else if (planned.reserve !== undefined || rest?.cause === 'ejected' || rest?.cause === 'probing') {
        // Its rest may open a fallback, which then comes before it. That it is thought unfit has been said when it was passed over.
        if (planned.reserve !== 'unfit' || rest !== undefined) this.triggers.add('unavailable');
        reserve ??= { planned, isSound };
      } else if (this.mayAsk(planned, isSound)) return { planned, isReserve: false };
    }
    if (reserve === undefined || !this.mayAsk(reserve.planned, reserve.isSound)) return undefined;
    return { planned: reserve.planned, isReserve: true };
  }

  private chooseRefuser(): Chosen | undefined {
    for (const planned of this.refusers) {
      this.refusers.delete(planned);
      if (this.isOpen(planned) && this.mayAsk(planned, true)) return { planned, isReserve: false };
    }
    return undefined;
  }

  /** Whether the retry budget allows it; the first attempt needs none. Whom it does not allow is not asked again later. */
  private mayAsk(planned: PlannedCandidate, isSound: boolean): boolean {
    this.spent.add(planned);
    return this.made === 0 || this.tools.budget.mayRetry(isSound);
  }

  private isOpen({ candidate, model, opensOn }: PlannedCandidate): boolean {
    if (this.closedModels.has(model.id) || this.leftMs(model) <= 0) return false;
    if (opensOn === undefined) return true;
    if (!opensOn.some((trigger) => this.triggers.has(trigger))) return false;
    if (!this.isTooLong) return true;
    const { contextTokens } = candidate.capabilities;
    return contextTokens === undefined || contextTokens > this.windowTokens;
  }

  /** What is left of the time that all attempts have together. */
  private leftMs({ routing }: CatalogModel): number {
    const { now, settings } = this.tools;
    const totalMs = routing?.deadlines?.totalMs ?? settings.upstream.totalTimeoutMs;
    return this.made === 0 ? totalMs : totalMs - (now() - this.startedAt);
  }

  /** The only one that was asked, once more, if a pause may help and is worth it. */
  private async again(): Promise<Chosen | undefined> {
    const { onlyFailure } = this;
    this.onlyFailure = undefined;
    if (onlyFailure === undefined || this.run.hasContent || !this.isOpen(onlyFailure.planned)) return undefined;
    const waitMs = backOffMs(onlyFailure.error, this.tools.random);
    if (waitMs === undefined || !this.tools.budget.mayRetry(false)) return undefined;
    await pause(waitMs, this.run.signal);
    this.run.requireWanted();
    // The failure may have ejected it; nobody better is left.
    return { planned: onlyFailure.planned, isReserve: true };
  }

  /**
   * What comes before a place is taken, and says nothing of the channel: the limits of a model, and what has to be got ready.
   * @throws HubError when the request itself is at fault.
   */
  private async isReady(planned: PlannedCandidate): Promise<boolean> {
    const { candidate, model, opensOn } = planned;
    const refusal = await this.run.enterModel(model);
    if (refusal !== undefined) {
      this.closedModels.add(model.id);
      this.passOver(planned, refusal, 'of_fallback');
      return false;
    }
    try {
      await this.prepare?.(candidate);
      return true;
    } catch (error) {
      this.run.requireWanted();
      if (!(error instanceof ProviderError)) throw error;
      this.passOver(planned, error, error.isCallerFault && opensOn !== undefined ? 'of_fallback' : undefined);
      if (error.isCallerFault && opensOn === undefined) throw this.run.failure();
      if (error.isCallerFault) this.closedModels.add(model.id);
      return false;
    }
  }

  /** Takes a place at a candidate; undefined when there is none. */
  private async enter({ planned, isReserve }: Chosen): Promise<Visit | undefined> {
    if (!(await this.isReady(planned))) return undefined;
    this.run.requireWanted();
    let entered: Visit | Promise<Visit> | undefined;
    try {
      entered = this.tools.health.enter(planned.candidate, this.run.signal, isReserve);
      return entered instanceof Promise ? await entered : entered;
    } catch (error) {
      this.run.requireWanted();
      if (!(error instanceof ProviderError)) throw error;
      if (entered !== undefined && error.kind === 'busy') this.lines++;
      this.passOver(planned, error);
      return undefined;
    }
  }

  private passOver(planned: PlannedCandidate, error: ProviderError, opinion?: 'of_fallback'): void {
    this.spent.add(planned);
    this.noteTrigger(planned.candidate, error);
    this.run.passOver(planned.candidate, error, opinion);
  }

  private begin(planned: PlannedCandidate, visit: Visit, resume: Resume | undefined): Attempt {
    const { observers, settings } = this.tools;
    const { run } = this;
    const totalMs = this.leftMs(planned.model);
    const number = ++this.made;
    if (number === 1) this.startedAt = this.tools.now();
    const isLast = !this.hasAnother(planned);
    const { requestId, log } = run.context;
    const { candidate, model } = planned;
    const { facts } = this.choice;
    const attempt = new Attempt(
      {
        number,
        planned,
        visit,
        isLast,
        deadlines: {
          ...attemptDeadlines(model.routing?.deadlines, settings, {
            isStream: facts.isStream,
            isLast,
            isSilentThinker: isSilentThinker(candidate, facts),
          }),
          totalMs,
        },
        resume,
        observed: observers.began({
          requestId,
          log,
          number,
          candidate,
          model: model.id,
          isResume: resume !== undefined,
        }),
      },
      (record) => run.endAttempt(record),
    );
    run.beginAttempt(attempt);
    return attempt;
  }

  /** Whether somebody else could be asked should this one be too slow. */
  private hasAnother(planned: PlannedCandidate): boolean {
    if (this.made >= ATTEMPTS_MAX) return false;
    return this.choice.plan.some(
      (other) =>
        other !== planned &&
        other.reserve === undefined &&
        !this.spent.has(other) &&
        !this.closedModels.has(other.model.id) &&
        other.opensOn?.includes('unavailable') !== false &&
        this.tools.health.stateOf(other.candidate).rest === undefined,
    );
  }

  private noteFailure(planned: PlannedCandidate, error: ProviderError): void {
    this.noteTrigger(planned.candidate, error);
    const { model } = planned;
    const { kind } = error;
    const isRepeatable = kind === 'content_refused' && model.routing?.retryContentPolicy === true;
    if (error.isCallerFault && !isRepeatable) this.closedModels.add(model.id);
  }

  private noteTrigger({ capabilities }: Candidate, { kind }: ProviderError): void {
    const trigger = triggerOf(kind);
    if (trigger !== undefined) this.triggers.add(trigger);
    if (kind !== 'context_length') return;
    this.isTooLong = true;
    this.windowTokens = Math.max(this.windowTokens, capabilities.contextTokens ?? 0);
  }
}

/**
 * Whether a model may think for a while before anything is to be seen of it. Of a whole answer, for which more time is allowed
 * anyway, only where that was asked for.
 */
function isSilentThinker({ provider, capabilities }: Candidate, { isStream, needsReasoning }: RequestFacts): boolean {
  if (!isStream) return needsReasoning;
  return (needsReasoning || capabilities.reasoning === true) && provider.chat?.tellsWhenBegun !== true;
}
