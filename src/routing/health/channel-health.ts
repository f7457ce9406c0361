import type { CancelSignal } from '../../common/cancellation.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';
import type { Usage } from '../../providers/canonical/usage.js';
import type { Candidate } from '../candidate.js';
import type { CandidateState, Rest } from '../candidate-state.js';
import type { BreakerPhase } from './breaker.js';
import { CandidateHealth } from './candidate-health.js';
import type { HealthNews } from './health-news.js';
import { Places, type PlacesUse } from './places.js';
import { ToldRests, toldRestOf } from './told-rests.js';
import { OpenVisit, type Visit } from './visit.js';

/** How a candidate that nobody has asked yet is doing. */
const UNKNOWN_STATE: CandidateState = Object.freeze({
  rest: undefined,
  isSound: true,
  isHalfOpen: false,
  inFlight: 0,
  firstTokenMs: undefined,
  failureRate: 0,
});
const FULL: Rest = {
  cause: 'full',
  error: new ProviderError({ kind: 'busy', message: 'All places of the channel are taken.', retryAfterMs: 1000 }),
};
const THROTTLED: Rest = {
  cause: 'throttled',
  error: new ProviderError({
    kind: 'overloaded',
    message: 'The upstream refuses most of what it is sent.',
    status: 503,
    retryAfterMs: 1000,
  }),
};
/** How long another instance's probe is believed to be under way before it is asked about again. */
const OTHERS_PROBE_MS = 2000;
/** From so many candidates on, those that have not been asked for a while are forgotten. */
const KEPT_MAX = 2000;
const FORGOTTEN_AFTER_MS = 600_000;

/** How instances learn from each other, and the one probe that they share. */
export interface HealthSharing {
  /** Takes the one that hears what others tell. */
  listen(listener: (news: HealthNews) => void): void;
  /** Tells the others in the background. */
  announce(news: HealthNews): void;
  /** Claims the probe of a candidate; undefined when there is nobody to ask, `false` when another instance has it. */
  claimProbe(key: string): Promise<boolean> | undefined;
  /** Gives the probe back. */
  releaseProbe(key: string): void;
}

/** Who is told of the operator's own troubles: refused credentials, empty accounts. */
export interface RestWatcher {
  /** In the background. */
  noteRest(candidate: Candidate, error: ProviderError): void;
  /** Called with every success, so it costs next to nothing. */
  noteSuccess(candidate: Candidate): void;
}

/** What the health of candidates is kept with; tests put in their own. */
export interface ChannelHealthParts {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  readonly sharing?: HealthSharing;
  readonly watcher?: RestWatcher;
  readonly places?: Places;
  /** Processes that share the limits of requests at a time, each with an equal part of them; default 1. */
  readonly processes?: number;
  /** An active probe goes before the first request to what was ejected, where its provider lists models; see `ChannelProber`. */
  readonly isProbedActively?: boolean;
}

/** How one candidate is doing, for operators. */
export interface CandidateReport {
  readonly candidate: Candidate;
  readonly breaker: BreakerPhase;
  readonly inFlight: number;
  readonly firstTokenMs: number | undefined;
  readonly failureRate: number;
  /** Part of the requests that is held back, from 0 to 1. */
  readonly heldBackPart: number;
}

/** How a channel with a limit of requests at a time is doing. */
export interface PlacesReport extends PlacesUse {
  readonly channelId: string;
  readonly channel: string;
}

/** How all candidates that were asked lately are doing. */
export interface HealthSnapshot {
  readonly candidates: readonly CandidateReport[];
  readonly places: readonly PlacesReport[];
}

/**
 * How the candidates are doing, as this instance sees it and others have told it: what upstreams have asked for, circuit breakers,
 * throttling, and limits of requests at a time. Everything is answered out of memory.
 */
export class ChannelHealth {
  private readonly byKey = new Map<string, CandidateHealth>();
  private readonly told = new ToldRests();
  private readonly now: () => number;
  private readonly random: () => number;
  private readonly places: Places;
  private readonly sharing: HealthSharing | undefined;
  private readonly watcher: RestWatcher | undefined;
  private readonly isProbedActively: boolean;
  private readonly processes: number;

  constructor(parts: ChannelHealthParts = {}) {
    this.now = parts.now ?? (() => performance.now());
    this.random = parts.random ?? Math.random;
    this.places = parts.places ?? new Places();
    this.sharing = parts.sharing;
    this.watcher = parts.watcher;
    this.isProbedActively = parts.isProbedActively ?? false;
    this.processes = parts.processes ?? 1;
    this.sharing?.listen((news) => this.hear(news));
  }

  /** How a candidate is doing, for one request: whether that is held back is drawn anew with each call. @param nowMs of {@link nowMs}. */
  stateOf(candidate: Candidate, nowMs = this.now()): CandidateState {
    const health = this.byKey.get(candidate.healthKey);
    const told = this.told.errorFor(candidate, nowMs);
    const max = this.placesOf(candidate);
    const isFull = max !== undefined && this.places.isFull(candidate.channel.id, max);
    if (health === undefined) {
      if (told === undefined && !isFull) return UNKNOWN_STATE;
      return { ...UNKNOWN_STATE, rest: told === undefined ? FULL : { cause: 'told', error: told } };
    }
    const phase = health.breaker.phaseAt(nowMs);
    let rest: Rest | undefined;
    if (told !== undefined) rest = { cause: 'told', error: told };
    else if (phase === 'open') rest = { cause: 'ejected', error: health.breaker.errorAt(nowMs) };
    else if (phase === 'probing') rest = { cause: 'probing', error: health.breaker.errorAt(nowMs) };
    else if (isFull) rest = FULL;
    else if (phase === 'closed' && health.isHeldBack(nowMs)) rest = THROTTLED;
    return {
      rest,
      isSound: health.isSound,
      isHalfOpen: phase === 'half_open',
      inFlight: health.inFlight,
      firstTokenMs: health.firstToken.read(nowMs),
      failureRate: health.failureRate(nowMs),
    };
  }

  /** The time of the clock that states go by. */
  nowMs(): number {
    return this.now();
  }

  /** Counts requests that a plan has passed over because their candidate is throttled. */
  noteHeldBack(candidate: Candidate): void {
    this.byKey.get(candidate.healthKey)?.noteHeldBack(this.now());
  }

  /**
   * Begins an attempt: takes one of the places of the channel, and the probe where the candidate is half open.
   *
   * @param signal ends the wait for a place.
   * @param isReserve the plan says to ask it although it rests, see `RoutePlan.reserves`.
   * @returns at once, unless there is a line or another instance to be asked (50 ms at most).
   * @throws ProviderError why it is not to be asked now: something has happened since the plan was made; or the reason of the signal.
   */
  enter(candidate: Candidate, signal: CancelSignal, isReserve = false): Visit | Promise<Visit> {
    this.checkRest(candidate, isReserve);
    const max = this.placesOf(candidate);
    const wait = max === undefined ? undefined : this.places.take(candidate.channel.id, max, signal);
    if (wait !== undefined) return wait.then(() => this.begin(candidate, isReserve));
    return this.begin(candidate, isReserve);
  }

  /** Takes note of a failure outside of visits, such as that of a task. */
  note(candidate: Candidate, error: ProviderError): void {
    const nowMs = this.now();
    this.noteTold(candidate, error, nowMs);
  }

  /** Why an upstream is to be left alone in its own words; `retryAfterMs` is what is left of it. For work that can wait. */
  reasonFor(candidate: Candidate): ProviderError | undefined {
    return this.told.errorFor(candidate, this.now());
  }

  /** Whether the circuit breaker keeps a candidate from being asked, and until when; for operators. */
  ejectionOf(candidate: Candidate): { readonly phase: BreakerPhase; readonly error: ProviderError } | undefined {
    const nowMs = this.now();
    const breaker = this.byKey.get(candidate.healthKey)?.breaker;
    const phase = breaker?.phaseAt(nowMs);
    return breaker === undefined || phase === undefined || phase === 'closed'
      ? undefined
      : { phase, error: breaker.errorAt(nowMs) };
  }

  /** Candidates that are ejected and wait for an active probe. */
  unanswered(): Candidate[] {
    const nowMs = this.now();
    return [...this.byKey.values()].flatMap(({ breaker, candidate }) =>
      candidate !== undefined && breaker.isHeld(nowMs) ? [candidate] : [],
    );
  }

  /** The upstream of a candidate has answered an active probe. */
  noteAnswer(candidate: Candidate): void {
    this.byKey.get(candidate.healthKey)?.breaker.release(this.now());
  }

  /** Part of the prompts that a candidate had in its cache, from 0 to 1; undefined when nothing was observed. */
  cachedPartOf(candidate: Candidate): number | undefined {
    return this.byKey.get(candidate.healthKey)?.cachedPart;
  }

  /** How all candidates that were asked lately are doing. */
  snapshot(): HealthSnapshot {
    const nowMs = this.now();
    const candidates: CandidateReport[] = [];
    const channels = new Map<string, string>();
    for (const health of this.byKey.values()) {
      // What only others have told of has not been asked here.
      if (health.candidate === undefined) continue;
      channels.set(health.candidate.channel.id, health.candidate.channel.name);
      candidates.push({
        candidate: health.candidate,
        breaker: health.breaker.phaseAt(nowMs),
        inFlight: health.inFlight,
        firstTokenMs: health.firstToken.read(nowMs),
        failureRate: health.failureRate(nowMs),
        heldBackPart: health.heldBackPart(nowMs),
      });
    }
    return {
      candidates,
      places: [...channels].flatMap(([channelId, channel]) => {
        const use = this.places.useOf(channelId);
        return use === undefined ? [] : [{ channelId, channel, ...use }];
      }),
    };
  }

  private hear(news: HealthNews): void {
    const nowMs = this.now();
    if (news.type === 'told') this.told.set(news, news.error, nowMs);
    else if (news.type === 'recovered') this.byKey.get(news.key)?.recover();
    else {
      const health = this.healthOf(news.key, nowMs);
      health.breaker.adopt(news.error, news.restMs, news.rests, nowMs);
      this.hold(health, nowMs);
    }
  }

  private checkRest(candidate: Candidate, isReserve: boolean): void {
    const nowMs = this.now();
    const told = this.told.errorFor(candidate, nowMs);
    if (told !== undefined) throw told;
    const breaker = this.byKey.get(candidate.healthKey)?.breaker;
    if (breaker === undefined || isReserve) return;
    const phase = breaker.phaseAt(nowMs);
    if (phase === 'open' || phase === 'probing') throw breaker.errorAt(nowMs);
  }

  /** The place is taken: whatever throws from here on gives it back. */
  private begin(candidate: Candidate, isReserve: boolean): Visit | Promise<Visit> {
    try {
      this.checkRest(candidate, isReserve);
      const nowMs = this.now();
      const health = this.healthOf(candidate.healthKey, nowMs);
      health.candidate = candidate;
      const isProbe = health.breaker.takeProbe(nowMs);
      const claim = isProbe ? this.sharing?.claimProbe(candidate.healthKey) : undefined;
      if (claim === undefined) return this.open(candidate, health, isProbe);
      return claim.then((isOurs) => {
        if (isOurs) return this.open(candidate, health, true);
        health.breaker.noteOthersProbe(OTHERS_PROBE_MS, this.now());
        if (isReserve) return this.open(candidate, health, false);
        this.release(candidate);
        throw health.breaker.errorAt(this.now());
      });
    } catch (error) {
      this.release(candidate);
      throw error;
    }
  }

  private open(candidate: Candidate, health: CandidateHealth, isProbe: boolean): Visit {
    let { generation } = health.breaker;
    let isProbing = isProbe;
    health.inFlight++;
    return new OpenVisit({
      onFirstToken: (ms) => {
        const nowMs = this.now();
        health.firstToken.add(ms, nowMs);
        if (!isProbing) return;
        // A probe that brings content has shown what it was to show; the rest of a long answer need not be waited for.
        isProbing = false;
        if (health.ease(generation, nowMs)) this.tellRecovery(candidate);
        generation = health.breaker.generation;
      },
      onUsage: (usage) => noteCached(health, usage),
      onEnd: (end) => {
        health.inFlight--;
        this.release(candidate);
        if (end === 'succeeded') this.noteSuccess(candidate, health, generation);
        else if (end === 'left') this.handProbeOn(candidate, health, isProbing);
        else this.noteFailure(candidate, health, { error: end, generation, isProbe: isProbing });
      },
    });
  }

  private noteSuccess(candidate: Candidate, health: CandidateHealth, generation: number): void {
    if (health.succeed(generation, this.now())) this.tellRecovery(candidate);
    // What was under way when its credential was refused does not end that.
    if (this.told.errorFor(candidate, this.now()) === undefined) this.watcher?.noteSuccess(candidate);
  }

  private noteFailure(
    candidate: Candidate,
    health: CandidateHealth,
    { error, generation, isProbe }: { error: ProviderError; generation: number; isProbe: boolean },
  ): void {
    const nowMs = this.now();
    this.noteTold(candidate, error, nowMs);
    const restMs = health.fail(error, generation, isProbe, nowMs);
    if (restMs === undefined) this.handProbeOn(candidate, health, isProbe);
    else {
      this.hold(health, nowMs);
      const rests = health.breaker.restCount;
      this.sharing?.announce({ type: 'ejected', key: candidate.healthKey, error, restMs, rests });
    }
  }

  private noteTold(candidate: Candidate, error: ProviderError, nowMs: number): void {
    const told = toldRestOf(candidate, error);
    if (told === undefined) return;
    this.told.set(told, error, nowMs);
    this.sharing?.announce({ type: 'told', ...told, error, rests: 0 });
    if (error.kind !== 'rate_limited') this.watcher?.noteRest(candidate, error);
  }

  private hold({ breaker, candidate }: CandidateHealth, nowMs: number): void {
    if (this.isProbedActively && candidate?.provider.modelList !== undefined) breaker.hold(nowMs);
  }

  private handProbeOn(candidate: Candidate, health: CandidateHealth, isProbe: boolean): void {
    if (!isProbe) return;
    health.breaker.handProbeOn();
    this.sharing?.releaseProbe(candidate.healthKey);
  }

  private tellRecovery({ healthKey }: Candidate): void {
    this.sharing?.announce({ type: 'recovered', key: healthKey });
  }

  /** The places that this process has of a channel's limit: never none, so that together there may be a few more than the limit. */
  private placesOf({ channel: { concurrencyMax } }: Candidate): number | undefined {
    return concurrencyMax === undefined ? undefined : Math.ceil(concurrencyMax / this.processes);
  }

  private release({ channel }: Candidate): void {
    if (channel.concurrencyMax !== undefined) this.places.release(channel.id);
  }

  private healthOf(key: string, nowMs: number): CandidateHealth {
    let health = this.byKey.get(key);
    if (health === undefined) {
      if (this.byKey.size >= KEPT_MAX) this.forget(nowMs);
      health = new CandidateHealth(this.random);
      this.byKey.set(key, health);
    }
    health.usedAtMs = nowMs;
    return health;
  }

  /** Channels change their credentials, and models come and go. */
  private forget(nowMs: number): void {
    for (const [key, { inFlight, usedAtMs }] of this.byKey) {
      if (inFlight === 0 && nowMs - usedAtMs > FORGOTTEN_AFTER_MS) this.byKey.delete(key);
    }
  }
}

function noteCached(health: CandidateHealth, { inputTokens, cachedInputTokens }: Usage): void {
  if (inputTokens === undefined || inputTokens === 0 || cachedInputTokens === undefined) return;
  health.noteCachedPart(Math.min(cachedInputTokens / inputTokens, 1));
}
