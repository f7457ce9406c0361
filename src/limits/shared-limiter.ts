import { randomBytes } from 'node:crypto';
import type { SubjectState } from './limit-decision.js';
import { ACQUIRE, FINISH, TOUCH } from './limit-scripts.js';
import type { LimitSubject } from './limit-subject.js';
import type { RedisGate } from './redis-gate.js';

const PREFIX = 'hub:limit:';
/** Numbers of one subject in the answer of ACQUIRE, behind the two that it begins with. */
const STATE_NUMBERS = 7;
/** Places kept with one call. */
const TOUCHED_MAX = 500;
/** A place outlives the last word of its process by a lease; the process gives word this often in that time. */
const TOUCHES_PER_LEASE = 3;

/** What Redis says of a request. */
export interface SharedAnswer {
  readonly isAllowed: boolean;
  /** Of each subject; after the request was counted when it was let in. */
  readonly states: readonly SubjectState[];
}

/** Limits by the memory of Redis, the same for all instances. Every answer may be missing: then Redis cannot be asked. */
export class SharedLimiter {
  private readonly held = new Set<SharedRequest>();
  private readonly process = randomBytes(6).toString('base64url');
  private readonly timer: NodeJS.Timeout;
  private count = 0;

  constructor(
    readonly gate: RedisGate,
    readonly windowMs: number,
    readonly leaseMs: number,
  ) {
    this.timer = setInterval(() => this.touch(), leaseMs / TOUCHES_PER_LEASE).unref();
  }

  /** A request that has not been counted yet. */
  begin(subjects: readonly LimitSubject[]): SharedRequest {
    return new SharedRequest(this, this.held, `${this.process}:${this.count++}`, subjects);
  }

  /** No more words for the places that are held. */
  stop(): void {
    clearInterval(this.timer);
  }

  /** Also puts back the places that Redis has lost, and those of requests that were let in without it. */
  private touch(): void {
    const places = [...this.held].flatMap(({ id, places }) => places.map((place) => [place, id] as const));
    for (let start = 0; start < places.length; start += TOUCHED_MAX) {
      const part = places.slice(start, start + TOUCHED_MAX);
      this.gate.tell(
        TOUCH,
        part.map(([place]) => place),
        [this.leaseMs, ...part.map(([, id]) => id)],
      );
    }
  }
}

/** One request in Redis. */
export class SharedRequest {
  /** The sorted sets in which this request holds a place. */
  readonly places: readonly string[];
  private readonly keys: readonly string[];
  private part = 0;
  private tokens: number | undefined;

  constructor(
    private readonly limiter: SharedLimiter,
    private readonly held: Set<SharedRequest>,
    readonly id: string,
    private readonly subjects: readonly LimitSubject[],
  ) {
    this.keys = subjects.flatMap(({ scope, id: of }) => [`${PREFIX}${scope}:${of}`, placesOf(scope, of)]);
    this.places = subjects
      .filter(({ concurrency }) => concurrency !== undefined)
      .map(({ scope, id: of }) => placesOf(scope, of));
  }

  /** Asks to be let in. */
  async acquire(tokens: number): Promise<SharedAnswer | undefined> {
    const { gate, leaseMs, windowMs } = this.limiter;
    const limits = this.subjects.flatMap(({ rpm, tpm, concurrency }) => [rpm ?? 0, tpm ?? 0, concurrency ?? 0]);
    const answer = await gate.ask(ACQUIRE, this.keys, [tokens, this.id, leaseMs, windowMs, ...limits]);
    if (!Array.isArray(answer)) return undefined;
    const [isAllowed, part, ...numbers] = answer.map(Number);
    if (isAllowed === 1) {
      this.part = part ?? 0;
      this.tokens = tokens;
    }
    const states = this.subjects.map((_subject, i) => toState(numbers.slice(i * STATE_NUMBERS)));
    return { isAllowed: isAllowed === 1, states };
  }

  /** Keeps the places while the request runs. */
  hold(): void {
    if (this.places.length > 0) this.held.add(this);
  }

  /** Frees the places and, when Redis is known to have counted the tokens, corrects them. */
  finish(actualTokens: number | undefined): void {
    this.held.delete(this);
    const isCounted = actualTokens !== undefined && this.tokens !== undefined;
    const difference = isCounted ? actualTokens - (this.tokens ?? 0) : 0;
    const counting = this.subjects.map(({ tpm }) => (tpm === undefined ? 0 : 1));
    if (this.places.length === 0 && (difference === 0 || !counting.includes(1))) return;
    const { gate, windowMs } = this.limiter;
    gate.tell(FINISH, this.keys, [this.id, difference, this.part, windowMs, ...counting]);
  }
}

function placesOf(scope: string, id: string): string {
  return `${PREFIX}${scope}:${id}:places`;
}

function toState(numbers: readonly number[]): SubjectState {
  const [requestsUsed = 0, requestsResetMs = 0, requestsWait = 0, tokensUsed = 0, tokensResetMs = 0, tokensWait = 0] =
    numbers;
  return {
    requestsUsed,
    requestsResetMs,
    requestsWaitMs: toWait(requestsWait),
    tokensUsed,
    tokensResetMs,
    tokensWaitMs: toWait(tokensWait),
    inFlight: numbers[STATE_NUMBERS - 1] ?? 0,
  };
}

function toWait(ms: number): number {
  return ms < 0 ? Number.POSITIVE_INFINITY : ms;
}
