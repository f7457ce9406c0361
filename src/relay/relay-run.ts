import type { Bill } from '../billing/bill.js';
import { insufficientQuota } from '../billing/billing.errors.js';
import { Cancellation, type CancelSignal } from '../common/cancellation.js';
import { HubError } from '../common/hub-error.js';
import { clientClosedRequest } from '../common/read-body.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { Candidate } from '../routing/candidate.js';
import { toCallerError } from '../routing/to-caller-error.js';
import { shuttingDown } from './relay.errors.js';
import type { RelayContext } from './relay-context.js';

/** How a request ended. */
export type RelayOutcome = 'done' | 'failed' | 'client_gone' | 'shutdown' | 'insufficient_quota';

/** What a request that is done has to show for itself. */
export interface RelayResult {
  /** All text of a whole answer; a stream's has been counted on its way. */
  readonly text?: () => string;
  /** A whole answer, for the replay of an Idempotency-Key. */
  readonly body?: Uint8Array;
}

/** How a request ended, for its bill. */
export interface RelayEnd extends RelayResult {
  readonly outcome: RelayOutcome;
  readonly errorCode?: string;
}

const MILD: ReadonlySet<string> = new Set(['rate_limited', 'unsupported_option']);

/** What a run needs to know of its model and of what comes after it. */
export interface RelayRunOptions {
  readonly model: string;
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
  private lastFailure: { candidate: Candidate; error: ProviderError } | undefined;
  private isFinished = false;
  private isUsedUp = false;
  private isClientGone = false;
  /** Something for the caller has come. */
  hasContent = false;
  /** Headers for the caller that the attempt has gathered. */
  headers: Record<string, string> = {};
  /** The last word of the upstream on what was consumed; undefined when it said nothing. */
  usage: Usage | undefined;

  constructor(
    readonly context: RelayContext,
    readonly bill: Bill,
    private readonly options: RelayRunOptions,
  ) {
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

  /** Ends the request because the hub stops: a stream gets an error event, another request a 503. */
  stop(): void {
    this.abort(shuttingDown());
  }

  /** Notes that an attempt begins: what a failed one reported is not part of the answer. */
  beginAttempt(candidate: Candidate): void {
    const { log } = this.context;
    log.attempts = (log.attempts ?? 0) + 1;
    log.channel = candidate.channel.name;
    this.bill.beginAttempt(candidate.channel.id, candidate.target.upstreamModel);
    if (log.attempts === 1) return;
    this.headers = {};
    this.usage = undefined;
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
   * Notes that an attempt failed and says whether another channel may be tried.
   * @throws HubError when none may: the fault is the caller's, or nobody waits any more.
   */
  failAttempt(candidate: Candidate, error: ProviderError): void {
    const before = this.lastFailure;
    this.bill.failAttempt(error.kind);
    // "Try later" and "not with this option" are only the verdict when no channel failed for a worse reason.
    if (before === undefined || !MILD.has(error.kind) || isSoonerThan(error, before.error)) {
      this.lastFailure = { candidate, error };
    }
    if (this.abortError !== undefined) throw this.abortError;
    if (error.isCallerFault) throw toCallerError(error, candidate.secrets);
  }

  /** The error to show when no candidate is left. */
  failure(): HubError {
    if (this.abortError !== undefined) return this.abortError;
    if (this.lastFailure === undefined) throw new Error('No attempt has failed.');
    return toCallerError(this.lastFailure.error, this.lastFailure.candidate.secrets);
  }

  /** Gives any error of this request its public face. */
  toHubError(error: unknown): unknown {
    return this.abortError ?? (error instanceof ProviderError ? toCallerError(error, []) : error);
  }

  /** Closes the books on this request. Resolves when that is durable, so that the caller may see the end. */
  async finish(outcome: 'done' | 'failed', result: RelayResult = {}): Promise<void> {
    if (this.isFinished) return;
    this.isFinished = true;
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

  private outcomeOfFailure(): RelayOutcome {
    if (this.isUsedUp) return 'insufficient_quota';
    if (this.abortError === undefined) return 'failed';
    return this.abortError.code === 'server_shutting_down' ? 'shutdown' : 'client_gone';
  }

  private errorCodeOf(outcome: RelayOutcome): string | undefined {
    if (outcome === 'done') return undefined;
    return outcome === 'failed' ? this.lastFailure?.error.kind : outcome;
  }

  private abort(error: HubError): void {
    if (this.isFinished || this.abortError !== undefined) return;
    this.abortError = error;
    this.cancellation.abort(error);
  }
}

function isSoonerThan(error: ProviderError, before: ProviderError): boolean {
  return (
    before.kind === 'rate_limited' &&
    error.kind === 'rate_limited' &&
    (error.retryAfterMs ?? 0) < (before.retryAfterMs ?? 0)
  );
}
