import { Cancellation, type CancelSignal } from '../common/cancellation.js';
import { HubError } from '../common/hub-error.js';
import { clientClosedRequest } from '../common/read-body.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Usage } from '../providers/canonical/usage.js';
import type { Candidate } from './candidate.js';
import { shuttingDown, toRelayError } from './relay.errors.js';
import type { RelayContext } from './relay-context.js';

/** How a request ended. */
export type RelayOutcome = 'done' | 'failed' | 'client_gone' | 'shutdown';

const MILD: ReadonlySet<string> = new Set(['rate_limited', 'unsupported_option']);

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
  /** Headers for the caller that the attempt has gathered. */
  headers: Record<string, string> = {};
  /** The last word of the upstream on what was consumed; undefined when it said nothing. */
  usage: Usage | undefined;

  constructor(
    readonly context: RelayContext,
    readonly model: string,
    private readonly onFinish: (run: RelayRun, outcome: RelayOutcome) => Promise<void>,
  ) {
    context.log.model = model;
    context.log.begin();
    context.onClientGone(() => this.abort(clientClosedRequest()));
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
    if (log.attempts === 1) return;
    this.headers = {};
    this.usage = undefined;
  }

  /** Notes the first content for the caller; later calls change nothing. */
  noteContent(): void {
    this.context.log.firstTokenMs ??= Math.round(performance.now() - this.startedAt);
  }

  /**
   * Notes that an attempt failed and says whether another channel may be tried.
   * @throws HubError when none may: the fault is the caller's, or nobody waits any more.
   */
  failAttempt(candidate: Candidate, error: ProviderError): void {
    const before = this.lastFailure;
    // "Try later" and "not with this option" are only the verdict when no channel failed for a worse reason.
    if (before === undefined || !MILD.has(error.kind) || isSoonerThan(error, before.error)) {
      this.lastFailure = { candidate, error };
    }
    if (this.abortError !== undefined) throw this.abortError;
    if (error.isCallerFault) throw toRelayError(error, candidate.secrets);
  }

  /** The error to show when no candidate is left. */
  failure(): HubError {
    if (this.abortError !== undefined) return this.abortError;
    if (this.lastFailure === undefined) throw new Error('No attempt has failed.');
    return toRelayError(this.lastFailure.error, this.lastFailure.candidate.secrets);
  }

  /** Gives any error of this request its public face. */
  toHubError(error: unknown): unknown {
    return this.abortError ?? (error instanceof ProviderError ? toRelayError(error, []) : error);
  }

  /** Closes the books on this request. Resolves when that is durable, so that the caller may see the end. */
  async finish(outcome: 'done' | 'failed'): Promise<void> {
    if (this.isFinished) return;
    this.isFinished = true;
    const { log } = this.context;
    log.outcome = outcome === 'done' ? 'done' : this.outcomeOfFailure();
    log.inputTokens = this.usage?.inputTokens;
    log.outputTokens = this.usage?.outputTokens;
    log.images = this.usage?.images;
    try {
      await this.onFinish(this, log.outcome as RelayOutcome);
    } finally {
      log.finish();
    }
  }

  private outcomeOfFailure(): RelayOutcome {
    if (this.abortError === undefined) return 'failed';
    return this.abortError.code === 'server_shutting_down' ? 'shutdown' : 'client_gone';
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
