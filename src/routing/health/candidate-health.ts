import { faultOf } from '../../providers/canonical/fault-of.js';
import type { ProviderError, ProviderErrorKind } from '../../providers/canonical/provider-error.js';
import type { Candidate } from '../candidate.js';
import { AttemptWindow, FAILED, HELD_BACK, REFUSED, SUCCEEDED } from './attempt-window.js';
import { Breaker } from './breaker.js';
import { PeakEwma } from './peak-ewma.js';

const WINDOW_MS = 30_000;
/** Up to so many times what is accepted is sent: room for what comes back after a bad while. */
const ACCEPTS_FACTOR = 2;
const THROTTLED_FROM = 20;
/** Something is always sent, so that a recovery is seen. */
const HELD_BACK_PART_MAX = 0.9;
/** So many successes in a row are the end of a bad while. */
const SOUND_AGAIN_AFTER = 3;
/** How much of the average a new observation is. */
const CACHED_PART_STEP = 0.1;

/** Failures that say that an upstream, or this model of it, is broken; not that it has too much to do. */
function isBreakage(kind: ProviderErrorKind): boolean {
  return kind === 'model_missing' || (faultOf(kind) === 'provider' && kind !== 'rate_limited');
}

/** What an instance knows of one candidate. Times are of a clock that never goes back. */
export class CandidateHealth {
  readonly breaker: Breaker;
  readonly firstToken = new PeakEwma();
  private readonly window = new AttemptWindow(WINDOW_MS);
  private failuresInRow = 0;
  private successesInRow = 0;
  private cached: number | undefined;
  inFlight = 0;
  usedAtMs = 0;

  /** As it was asked last, for its names. */
  candidate: Candidate | undefined;

  /** @param random uniform in [0, 1). */
  constructor(private readonly random: () => number) {
    this.breaker = new Breaker(random);
  }

  /** Its last attempts succeeded, or there were none. */
  get isSound(): boolean {
    return this.failuresInRow === 0;
  }

  /** Part of the prompts that came out of the upstream's cache, as observed; undefined when nothing was. */
  get cachedPart(): number | undefined {
    return this.cached;
  }

  /**
   * An attempt succeeded.
   *
   * @returns true when that has closed the breaker.
   */
  succeed(generation: number, nowMs: number): boolean {
    return this.noteSuccess(this.breaker.succeed(generation), nowMs);
  }

  /**
   * A probe has brought the beginning of an answer, see {@link Breaker.ease}.
   *
   * @returns true when that has closed the breaker.
   */
  ease(generation: number, nowMs: number): boolean {
    return this.noteSuccess(this.breaker.ease(generation), nowMs);
  }

  /**
   * An attempt failed.
   *
   * @returns for how long it is ejected, in milliseconds, when that has opened the breaker.
   */
  fail(error: ProviderError, generation: number, isProbe: boolean, nowMs: number): number | undefined {
    const isRefusal = error.kind === 'rate_limited';
    if (!isRefusal && !isBreakage(error.kind)) return undefined;
    this.failuresInRow++;
    this.successesInRow = 0;
    this.window.add(isRefusal ? REFUSED : FAILED, nowMs);
    // Somebody is there, and has too much to do.
    if (isRefusal) return undefined;
    const counts = { succeeded: this.window.count(SUCCEEDED, nowMs), failed: this.window.count(FAILED, nowMs) };
    return this.breaker.fail(error, generation, isProbe, counts, nowMs);
  }

  /** It works again, as another instance or an active probe has found out. */
  recover(): void {
    this.breaker.close();
    this.failuresInRow = 0;
    this.window.clear();
  }

  /** A request was not sent because of {@link isHeldBack}. */
  noteHeldBack(nowMs: number): void {
    this.window.add(HELD_BACK, nowMs);
  }

  /** A draw: whether one more request is one too many, by how many of the last while were accepted. */
  isHeldBack(nowMs: number): boolean {
    const part = this.heldBackPart(nowMs);
    return part > 0 && this.random() < part;
  }

  /** What part of the requests is not to be sent, from 0 to 1. */
  heldBackPart(nowMs: number): number {
    const accepted = this.window.count(SUCCEEDED, nowMs);
    const wanted = this.countFailed(nowMs) + accepted + this.window.count(HELD_BACK, nowMs);
    if (wanted < THROTTLED_FROM) return 0;
    return Math.min(Math.max(0, (wanted - ACCEPTS_FACTOR * accepted) / (wanted + 1)), HELD_BACK_PART_MAX);
  }

  /** Part of the attempts of the last while that failed, from 0 to 1. */
  failureRate(nowMs: number): number {
    const failed = this.countFailed(nowMs);
    return failed === 0 ? 0 : failed / (failed + this.window.count(SUCCEEDED, nowMs));
  }

  /** Learns how much of a prompt the upstream had in its cache. */
  noteCachedPart(part: number): void {
    this.cached = this.cached === undefined ? part : this.cached + (part - this.cached) * CACHED_PART_STEP;
  }

  private noteSuccess(hasClosed: boolean, nowMs: number): boolean {
    this.failuresInRow = 0;
    this.successesInRow++;
    if (hasClosed || (this.successesInRow === SOUND_AGAIN_AFTER && this.heldBackPart(nowMs) > 0)) this.window.clear();
    this.window.add(SUCCEEDED, nowMs);
    return hasClosed;
  }

  private countFailed(nowMs: number): number {
    return this.window.count(FAILED, nowMs) + this.window.count(REFUSED, nowMs);
  }
}
