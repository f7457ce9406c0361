import type { Bill } from '../billing/bill.js';
import { insufficientQuota } from '../billing/billing.errors.js';
import type { LimitedModel, OrderLimits } from '../billing/order-limits.js';
import { Cancellation, type CancelSignal } from '../common/cancellation.js';
import { HubError } from '../common/hub-error.js';
import { clientClosedRequest } from '../common/read-body.js';
import type { LimitDecision } from '../limits/limit-decision.js';
import { rateLimitExceeded } from '../limits/limits.errors.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { AttemptOutcome, AttemptRecord } from '../routing/attempt-record.js';
import type { Candidate } from '../routing/candidate.js';
import { toCallerError } from '../routing/to-caller-error.js';
import type { Attempt } from './attempt.js';
import { shuttingDown } from './relay.errors.js';
import type { RelayContext } from './relay-context.js';
import type { PlannedCandidate } from './route-choice.js';

/** How a request ended. */
export type RelayOutcome = 'done' | 'failed' | 'client_gone' | 'shutdown' | 'insufficient_quota';

/** What a request that is done has to show for itself. */
export interface RelayResult {
  /** All text of a whole answer; a stream's has been counted on its way. */
  readonly text?: () => string;
  /** A whole answer, for the replay of an Idempotency-Key. */
  readonly body?: Uint8Array;
  /** Of `body`; default `application/json`. */
  readonly contentType?: string;
}

/** How a request ended, for its bill. */
export interface RelayEnd extends RelayResult {
  readonly outcome: RelayOutcome;
  readonly errorCode?: AttemptOutcome;
}

/** What the caller is told where nobody has answered. */
interface Verdict {
  /** Texts that the caller must not see. */
  readonly secrets: readonly string[];
  readonly error: ProviderError;
  readonly weight: number;
}

/** The hub's own limit of a fallback, in the log and in the error. */
const MODEL_LIMIT = 'model_limit';
const UNFIT = 0;
const TRY_LATER = 1;
const FAILED = 2;

/** What a run needs to know of its model and of what comes after it. */
export interface RelayRunOptions {
  readonly model: string;
  readonly limits: Pick<OrderLimits, 'enter' | 'serve'>;
  /** The answer is read to its end even when the client leaves. */
  readonly isDrained: boolean;
  /** Closes the books; called once. */
  readonly onFinish: (run: RelayRun, end: RelayEnd) => Promise<void>;
}

/**
 * One request between *admit* and *finish*. Whatever happens to it - done, upstream failure, client gone, deadline,
 * shutdown - passes through {@link RelayRun.finish}, and only the first call counts.
 */
export class RelayRun {
  private readonly cancellation = new Cancellation();
  private readonly startedAt = performance.now();
  private abortError: HubError | undefined;
  private attempt: Attempt | undefined;
  /** Time at upstreams, without the attempt under way. */
  private upstreamMs = 0;
  /** What the caller is told when nobody answers. */
  private verdict: Verdict | undefined;
  /** The same where nobody has said anything and there was nobody of the model itself to ask. */
  private unserved: Verdict | undefined;
  private isVerdictFinal = false;
  /** What was reported of the prompt by the attempt that began the answer. */
  private firstPrompt: Usage | undefined;
  private isFinished = false;
  private readonly enders: (() => void)[] = [];
  private isUsedUp = false;
  private isClientGone = false;
  /** All attempts that have ended, in the order of their ends. */
  readonly attempts: AttemptRecord[] = [];
  /** Something for the caller has come. */
  hasContent = false;
  /** Headers for the caller that the attempt has gathered. */
  headers: Record<string, string> = {};
  /** The last word of the upstream on what was consumed; undefined when it said nothing. */
  usage: Usage | undefined;
  /** What the last attempt itself has consumed, where `usage` joins several of one answer. */
  consumed: Usage | undefined;
  /** `usage` joins several attempts at one answer, so a part of it is the hub's own count. */
  isJoined = false;

  constructor(
    readonly context: RelayContext,
    readonly bill: Bill,
    private readonly options: RelayRunOptions,
  ) {
    context.run = this;
    context.log.model = options.model;
    context.log.begin();
    context.onClientGone(() => {
      this.isClientGone = true;
      if (!options.isDrained) this.abort(clientClosedRequest());
    });
  }

  /** The client has left, but the model's answer is taken to its end and billed all the same. */
  get mustDrain(): boolean {
    return this.isClientGone && this.options.isDrained && !this.cancellation.aborted;
  }

  /** Aborts when the client leaves or the hub stops; every attempt listens to it. */
  get signal(): CancelSignal {
    return this.cancellation;
  }

  /** Calls back when the books on this request are closed, at once when they are already. */
  onEnd(callback: () => void): void {
    if (this.isFinished) callback();
    else this.enders.push(callback);
  }

  /** Ends the request because the hub stops: a stream gets an error event, another request a 503. */
  stop(): void {
    this.abort(shuttingDown());
  }

  /** Notes that an attempt begins: what a failed one reported is not part of the answer. */
  beginAttempt(attempt: Attempt): void {
    const { log } = this.context;
    const { candidate, model, resume } = attempt;
    log.attempts = attempt.number;
    log.channel = candidate.channel.name;
    this.attempt = attempt;
    this.options.limits.serve(model.id);
    this.bill.beginAttempt({
      model: model.id,
      channelId: candidate.channel.id,
      upstreamModel: candidate.target.upstreamModel,
      resume: resume?.mode,
    });
    if (attempt.number === 1) return;
    this.headers = {};
    this.usage = undefined;
  }

  /** Takes down an attempt that has ended. */
  endAttempt(record: AttemptRecord): void {
    this.attempts.push(record);
    this.upstreamMs += record.durationMs;
  }

  /** Notes the first content for the caller; later calls change nothing. */
  noteContent(): void {
    this.hasContent = true;
    this.context.log.firstTokenMs ??= Math.round(performance.now() - this.startedAt);
  }

  /**
   * Counts text on its way to the caller, and waits where the hold has to grow for it.
   * @param choice whose text it is: of choices that come interleaved each is counted by itself.
   * @throws HubError `insufficient_quota` when there is nothing left to pay it with.
   */
  async pay(text: string, choice: number): Promise<void> {
    const wait = this.bill.deliver(text, choice);
    if (wait === undefined || (await wait)) return;
    this.isUsedUp = true;
    throw insufficientQuota();
  }

  /**
   * Counts the request in at the limits of the model that is to serve it.
   * @returns why it may not go there, `rate_limited`; a promise only where Redis has to be asked.
   */
  enterModel(model: LimitedModel): ProviderError | undefined | Promise<ProviderError | undefined> {
    const refusal = this.options.limits.enter(model);
    return refusal instanceof Promise ? refusal.then(toRefusal) : toRefusal(refusal);
  }

  /**
   * Notes that a candidate is not asked, and why: the caller should learn it where nobody else has answered.
   * @param opinion of a fallback, of the request or of its own limits: that is not said by the model that was asked for.
   */
  passOver(candidate: Candidate, error: ProviderError, opinion?: 'of_fallback'): void {
    const { log } = this.context;
    const passed = `${candidate.channel.name} ${error.code === MODEL_LIMIT ? MODEL_LIMIT : error.kind}`;
    log.passedOver = log.passedOver === undefined ? passed : `${log.passedOver}, ${passed}`;
    if (opinion !== undefined && this.verdict !== undefined) return;
    this.noteVerdict({
      secrets: candidate.secrets,
      error,
      weight: error.kind === 'context_length' ? UNFIT : weightOf(error),
    });
  }

  /**
   * Notes that the model has no channel at all: what the caller is told where nobody has said anything. Its fallbacks speak for it
   * then, also of the request itself.
   */
  noteUnserved(error: ProviderError): void {
    this.unserved = { secrets: [], error, weight: UNFIT };
  }

  /** Notes that an attempt failed. */
  failAttempt({ candidate, opensOn }: PlannedCandidate, error: ProviderError): void {
    this.bill.failAttempt(error.kind, this.usage, this.lastSeen);
    if (this.hasContent && this.usage !== undefined && this.attempt?.resume?.mode !== 'prefill') {
      const { inputTokens, cachedInputTokens, cacheWriteTokens } = this.usage;
      this.firstPrompt = { inputTokens, cachedInputTokens, cacheWriteTokens };
    }
    const isFallback = opensOn !== undefined;
    // What a fallback says of the request is not said by the model that was asked for.
    if (isFallback && error.isCallerFault && this.verdict !== undefined) return;
    this.noteVerdict({ secrets: candidate.secrets, error, weight: weightOf(error) });
    // What breaks a stream is what its caller is told, whatever became of its rescue.
    if (error.isCallerFault || this.hasContent) this.isVerdictFinal = true;
  }

  /** Notes that what came does not go on with what was sent: nobody can complete the answer. */
  noteMismatch(error: ProviderError): void {
    if (this.verdict !== undefined) this.verdict = { ...this.verdict, error };
  }

  /**
   * Joins what was consumed for an answer that went on from its beginning: the prompt once, without that beginning, and all parts of the
   * text. An answer of one attempt, or told again from the start, is what its own upstream reports.
   * @param isEcho the last attempt has told the beginning again although it was given.
   * @returns undefined when there is nothing to join.
   */
  joinUsage(isEcho: boolean): Usage | undefined {
    const { usage, firstPrompt } = this;
    if (this.attempt?.resume?.mode !== 'prefill' || usage === undefined) return undefined;
    const { outputTokens } = usage;
    this.consumed = usage;
    this.isJoined = true;
    this.usage = {
      ...usage,
      inputTokens: firstPrompt?.inputTokens ?? this.bill.promptTokens,
      cachedInputTokens: firstPrompt?.cachedInputTokens,
      cacheWriteTokens: firstPrompt?.cacheWriteTokens,
      outputTokens: isEcho || outputTokens === undefined ? outputTokens : this.bill.deliveredBefore + outputTokens,
    };
    return this.usage;
  }

  /** True when nobody waits for an answer any more. */
  get isAborted(): boolean {
    return this.abortError !== undefined;
  }

  /** @throws HubError when nobody waits for an answer any more. */
  requireWanted(): void {
    if (this.abortError !== undefined) throw this.abortError;
  }

  /** How an attempt has ended that its upstream did not end. @param error what ended it; undefined when it was given up. */
  outcomeOf(error: unknown): AttemptOutcome {
    if (this.isUsedUp) return 'insufficient_quota';
    if (this.abortError?.code === 'server_shutting_down') return 'shutdown';
    return this.abortError === undefined && error !== undefined ? 'hub_error' : 'client_gone';
  }

  /** The error to show when no candidate is left. */
  failure(): HubError {
    if (this.abortError !== undefined) return this.abortError;
    const told = this.verdict ?? this.unserved;
    if (told === undefined) throw new Error('No attempt has failed.');
    return toCallerError(told.error, told.secrets);
  }

  /** Attempts made so far, the one under way included. */
  get attemptCount(): number {
    return this.attempt?.number ?? 0;
  }

  /** The model that serves, or has served: the one that was asked for, or a fallback. Undefined when none has been asked. */
  get servingModel(): string | undefined {
    return this.attempt?.model.id;
  }

  /** The hub's own time with this request so far, in milliseconds: everything that is not spent at an upstream. */
  get addedMs(): number {
    const last = this.attempts.at(-1)?.number;
    const underWayMs = this.attempt === undefined || this.attempt.number === last ? 0 : this.attempt.elapsedMs;
    return performance.now() - this.context.receivedAt - this.upstreamMs - underWayMs;
  }

  /** Closes the books on this request. Resolves when that is durable, so that the caller may see the end. */
  async finish(outcome: 'done' | 'failed', result: RelayResult = {}): Promise<void> {
    if (this.isFinished) return;
    this.isFinished = true;
    for (const end of this.enders) end();
    const { log } = this.context;
    const ended = outcome === 'done' ? 'done' : this.outcomeOfFailure();
    log.outcome = ended;
    log.inputTokens = this.usage?.inputTokens;
    log.outputTokens = this.usage?.outputTokens;
    log.images = this.usage?.images;
    try {
      await this.options.onFinish(this, { ...result, outcome: ended, errorCode: this.errorCodeOf(ended) });
    } finally {
      log.finish();
    }
  }

  /** What the last attempt that has ended saw of its upstream. */
  private get lastSeen(): { upstreamStatus: number | undefined; firstTokenMs: number | undefined } {
    const last = this.attempts.at(-1);
    const firstTokenMs = last?.firstTokenMs;
    return {
      upstreamStatus: last?.status,
      firstTokenMs: firstTokenMs === undefined ? undefined : Math.round(firstTokenMs),
    };
  }

  private noteVerdict(next: Verdict): void {
    if (this.isVerdictFinal) return;
    const before = this.verdict;
    const replaces = before === undefined || next.weight === FAILED || next.weight > before.weight;
    if (replaces || isSoonerThan(next.error, before.error)) this.verdict = next;
  }

  private outcomeOfFailure(): RelayOutcome {
    if (this.isUsedUp) return 'insufficient_quota';
    if (this.abortError === undefined) return 'failed';
    return this.abortError.code === 'server_shutting_down' ? 'shutdown' : 'client_gone';
  }

  private errorCodeOf(outcome: RelayOutcome): AttemptOutcome | undefined {
    if (outcome === 'done') return undefined;
    return outcome === 'failed' ? (this.verdict ?? this.unserved)?.error.kind : outcome;
  }

  private abort(error: HubError): void {
    if (this.isFinished || this.abortError !== undefined) return;
    this.abortError = error;
    this.cancellation.abort(error);
  }
}

function toRefusal(decision: LimitDecision | undefined): ProviderError | undefined {
  if (decision === undefined) return undefined;
  const { message, retryAfterSeconds } = rateLimitExceeded(decision);
  const retryAfterMs = retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1000;
  return new ProviderError({ kind: 'rate_limited', code: MODEL_LIMIT, message, retryAfterMs });
}

/** "Not with this option" is the verdict only where nobody says "try later", and that only where no channel failed for a worse reason. */
function weightOf({ kind }: ProviderError): number {
  if (kind === 'unsupported_option') return UNFIT;
  return kind === 'rate_limited' ? TRY_LATER : FAILED;
}

function isSoonerThan(error: ProviderError, before: ProviderError): boolean {
  return (
    before.kind === 'rate_limited' &&
    error.kind === 'rate_limited' &&
    (error.retryAfterMs ?? 0) < (before.retryAfterMs ?? 0)
  );
}
