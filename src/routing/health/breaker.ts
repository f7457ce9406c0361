import { ProviderError } from '../../providers/canonical/provider-error.js';

const FAILURES_IN_A_ROW = 5;
/** Of so many attempts at least, half must fail. */
const ATTEMPTS_MIN = 20;
const REST_MS = 1000;
/** Traffic is to be back within ten seconds of an upstream's recovery. */
export const REST_MS_MAX = 8000;
/** Part of a rest that chance takes away, so that candidates which fell together do not come back together. */
const JITTER_PART = 0.2;
/** A probe that has not ended by then is given up as one. */
export const PROBE_LEASE_MS = 60_000;
/** An upstream that does not even answer an active probe gets a request all the same after so long: its list of models may be all that is broken. */
const HELD_MS_MAX = 30_000;
/** Errors that differ by less than this in what is left of the rest are one object: making one costs microseconds. */
const ERROR_STEP_MS = 100;

/** `half_open`: the next request is the probe. `probing`: it is under way. */
export type BreakerPhase = 'closed' | 'open' | 'half_open' | 'probing';

/** What was counted of the last while. */
export interface BreakerCounts {
  readonly succeeded: number;
  readonly failed: number;
}

/**
 * The circuit breaker of one candidate. It opens after five failures in a row or when half of at least twenty attempts fail, rests for a
 * second, twice as long after each probe that fails, up to eight, and lets exactly one request probe before it closes.
 *
 * Attempts belong to the *generation* in which they began: how one ends that began before the breaker opened or closed says nothing of now.
 */
export class Breaker {
  /** Grows whenever the breaker opens or closes. */
  generation = 0;
  private isOpen = false;
  private openUntilMs = 0;
  private heldUntilMs = Number.NEGATIVE_INFINITY;
  private rests = 0;
  private failuresInRow = 0;
  private probeUntilMs = Number.NEGATIVE_INFINITY;
  private lastError: ProviderError | undefined;
  private shown: ProviderError | undefined;

  /** @param random uniform in [0, 1). */
  constructor(private readonly random: () => number) {}

  phaseAt(nowMs: number): BreakerPhase {
    if (!this.isOpen) return 'closed';
    if (nowMs < this.openUntilMs || nowMs < this.heldUntilMs) return 'open';
    return nowMs < this.probeUntilMs ? 'probing' : 'half_open';
  }

  /** Why the candidate rests; what is left of the rest is its `retryAfterMs`. To be asked only while it is not closed. */
  errorAt(nowMs: number): ProviderError {
    const leftMs = Math.max(this.openUntilMs - nowMs, REST_MS);
    const { shown } = this;
    if (shown !== undefined && Math.abs((shown.retryAfterMs ?? 0) - leftMs) < ERROR_STEP_MS) return shown;
    this.shown = restError(this.lastError, leftMs);
    return this.shown;
  }

  /** Makes the caller's request the probe, if there is to be one. */
  takeProbe(nowMs: number): boolean {
    if (this.phaseAt(nowMs) !== 'half_open') return false;
    this.probeUntilMs = nowMs + PROBE_LEASE_MS;
    return true;
  }

  /** The probe has ended without having learnt anything: the next request is one. */
  handProbeOn(): void {
    this.probeUntilMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * An attempt succeeded.
   *
   * @param generation in which it began.
   * @returns true when that has closed the breaker.
   */
  succeed(generation: number): boolean {
    if (generation !== this.generation) return false;
    this.failuresInRow = 0;
    if (this.isOpen) {
      this.close();
      return true;
    }
    this.rests = 0;
    return false;
  }

  /**
   * The probe has brought the beginning of an answer: closes it on trial. The next attempt that fails opens it again, for longer than
   * before, until one has succeeded to its end; otherwise an upstream that breaks off all of its answers would never be kept out.
   *
   * @param generation in which the probe began.
   * @returns true when that has closed the breaker.
   */
  ease(generation: number): boolean {
    if (generation !== this.generation || !this.isOpen) return false;
    const { rests } = this;
    this.close();
    this.rests = rests;
    this.failuresInRow = FAILURES_IN_A_ROW - 1;
    return true;
  }

  /**
   * An attempt failed for a reason that counts.
   *
   * @param counts of the window, this failure included.
   * @returns for how long it has opened, in milliseconds; undefined when nothing has changed.
   */
  fail(
    error: ProviderError,
    generation: number,
    isProbe: boolean,
    counts: BreakerCounts,
    nowMs: number,
  ): number | undefined {
    if (generation !== this.generation) return undefined;
    if (this.isOpen) return isProbe ? this.open(error, nowMs) : undefined;
    this.failuresInRow++;
    const isBroken =
      this.failuresInRow >= FAILURES_IN_A_ROW ||
      (counts.succeeded + counts.failed >= ATTEMPTS_MIN && counts.failed * 2 >= counts.succeeded + counts.failed);
    return isBroken ? this.open(error, nowMs) : undefined;
  }

  /** Closes it, whatever it was: the upstream works again. */
  close(): void {
    if (this.isOpen) this.generation++;
    this.isOpen = false;
    this.rests = 0;
    this.failuresInRow = 0;
    this.handProbeOn();
    this.lastError = undefined;
    this.shown = undefined;
  }

  /** Does as another instance has done. @param rests how many times it has opened in a row. */
  adopt(error: ProviderError, restMs: number, rests: number, nowMs: number): void {
    this.generation++;
    this.isOpen = true;
    this.heldUntilMs = Number.NEGATIVE_INFINITY;
    this.openUntilMs = nowMs + Math.min(restMs, REST_MS_MAX);
    this.rests = rests;
    this.lastError = error;
    this.shown = undefined;
    this.handProbeOn();
  }

  /** Keeps it open until {@link release}, for thirty seconds at most: an active probe is to go first. */
  hold(nowMs: number): void {
    this.heldUntilMs = nowMs + HELD_MS_MAX;
  }

  /** Whether it waits for an active probe. */
  isHeld(nowMs: number): boolean {
    return this.isOpen && nowMs < this.heldUntilMs;
  }

  /** An active probe was answered: the next request may probe as well. */
  release(nowMs: number): void {
    if (!this.isHeld(nowMs)) return;
    this.heldUntilMs = Number.NEGATIVE_INFINITY;
    this.openUntilMs = Math.min(this.openUntilMs, nowMs);
  }

  /** Somebody else probes. @param ms how long that is believed. */
  noteOthersProbe(ms: number, nowMs: number): void {
    this.probeUntilMs = nowMs + ms;
  }

  /** How many times it has opened in a row. */
  get restCount(): number {
    return this.rests;
  }

  private open(error: ProviderError, nowMs: number): number {
    // An upstream that says how long it will be away is believed as far as the longest rest goes.
    const toldMs = Math.min(error.retryAfterMs ?? 0, REST_MS_MAX);
    const plainMs = Math.min(REST_MS * 2 ** this.rests, REST_MS_MAX) * (1 - JITTER_PART * this.random());
    const restMs = Math.max(toldMs, plainMs);
    this.adopt(error, restMs, this.rests + 1, nowMs);
    return restMs;
  }
}

function restError(error: ProviderError | undefined, retryAfterMs: number): ProviderError {
  const { kind, message, status, code } = error ?? { kind: 'overloaded' as const, message: 'The upstream rests.' };
  return new ProviderError({ kind, message, status, code, retryAfterMs: Math.ceil(retryAfterMs) });
}
