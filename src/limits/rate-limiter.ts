import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { allow, type LimitDecision, type LimitTicket, refuse, UNLIMITED } from './limit-decision.js';
import { isLimited, type LimitScope, type LimitSubject } from './limit-subject.js';
import { LocalLimiter, type SubjectUse } from './local-limiter.js';
import type { RedisGate } from './redis-gate.js';
import { SharedLimiter, type SharedRequest } from './shared-limiter.js';

const WINDOW_MS = 60_000;
/** How long a place in Redis outlives the process that held it. */
const LEASE_MS = 60_000;
/** At about a kilobyte each. */
const SUBJECTS_MAX = 20_000;
/** Far more than any request has, and few enough for exact sums. */
const TOKENS_MAX = 1_000_000_000;

/** What tests change. Times are milliseconds. */
export interface RateLimiterOptions {
  readonly windowMs?: number;
  readonly leaseMs?: number;
  readonly subjectsMax?: number;
  /** Monotonic; counts where Redis does not. */
  readonly now?: () => number;
}

/**
 * Requests per minute, tokens per minute and requests in flight, of keys, accounts and models: exact across instances with
 * Redis, in this process without. While Redis does not answer, this process goes by what it has let in itself.
 */
@Injectable()
export class RateLimiter implements OnApplicationShutdown {
  private readonly local: LocalLimiter;
  private readonly shared: SharedLimiter | undefined;

  constructor(gate?: RedisGate, options: RateLimiterOptions = {}) {
    const { windowMs = WINDOW_MS, leaseMs = LEASE_MS, subjectsMax = SUBJECTS_MAX } = options;
    this.local = new LocalLimiter(windowMs, subjectsMax, options.now ?? (() => performance.now()));
    if (gate?.isEnabled === true) this.shared = new SharedLimiter(gate, windowMs, leaseMs);
  }

  /**
   * Lets a request in or refuses it, by all limits of all its subjects or not at all: a refusal uses nothing up. Never
   * throws or rejects. The ticket of a request that was let in must be finished.
   *
   * @param subjects those without any limit are passed over.
   * @param tokens estimate of prompt and answer together.
   * @returns at once without limits or without Redis; otherwise within about 50 ms.
   */
  acquire(subjects: readonly LimitSubject[], tokens: number): LimitDecision | Promise<LimitDecision> {
    if (!subjects.some(isLimited)) return UNLIMITED;
    const limited = subjects.every(isLimited) ? subjects : subjects.filter(isLimited);
    const estimate = toCount(tokens);
    if (this.shared !== undefined) return this.acquireShared(this.shared.begin(limited), limited, estimate);
    const decision = this.local.acquire(limited, estimate);
    return decision.isAllowed ? { ...decision, ticket: ticketOf(decision.ticket) } : decision;
  }

  /** What this process has let in of a subject; with Redis other instances have let in more. */
  usedHere(scope: LimitScope, id: string): SubjectUse {
    return this.local.used(scope, id);
  }

  /** Number of keys, accounts and models whose use this process counts. */
  get subjectCount(): number {
    return this.local.subjectCount;
  }

  onApplicationShutdown(): void {
    this.shared?.stop();
  }

  private async acquireShared(
    request: SharedRequest,
    subjects: readonly LimitSubject[],
    tokens: number,
  ): Promise<LimitDecision> {
    const answer = await request.acquire(tokens);
    if (answer === undefined) return this.acquireAlone(request, subjects, tokens);
    if (!answer.isAllowed) return refuse(subjects, answer.states, tokens);
    request.hold();
    // Counted here as well, so that this process knows what it has let in when Redis goes away.
    return allow(subjects, answer.states, ticketOf(this.local.book(subjects, tokens), request));
  }

  private acquireAlone(request: SharedRequest, subjects: readonly LimitSubject[], tokens: number): LimitDecision {
    const decision = this.local.acquire(subjects, tokens);
    if (!decision.isAllowed) {
      // Redis may have let it in after all, too late to say so.
      request.finish(undefined);
      return decision;
    }
    request.hold();
    return { ...decision, ticket: ticketOf(decision.ticket, request) };
  }
}

/** Ends a request here and in Redis, once. */
function ticketOf(local: LimitTicket, shared?: SharedRequest): LimitTicket {
  let isFinished = false;
  return {
    finish: (actualTokens) => {
      if (isFinished) return;
      isFinished = true;
      const actual = actualTokens === undefined ? undefined : toCount(actualTokens);
      local.finish(actual);
      shared?.finish(actual);
    },
  };
}

/** A whole number of tokens that both counters can keep; what is none counts as nothing, since limits refuse nobody by mistake. */
function toCount(tokens: number): number {
  return Number.isFinite(tokens) ? Math.min(Math.max(Math.ceil(tokens), 0), TOKENS_MAX) : 0;
}
