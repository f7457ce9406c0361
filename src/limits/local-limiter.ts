import { LRUCache } from 'lru-cache';
import { allow, hasRoom, type LimitDecision, type LimitTicket, refuse, type SubjectState } from './limit-decision.js';
import type { LimitScope, LimitSubject } from './limit-subject.js';
import { SlidingWindow } from './sliding-window.js';

const NOT_COUNTED = -1;

/** What is known of one subject. */
class Usage {
  requests: SlidingWindow | undefined;
  tokens: SlidingWindow | undefined;
  inFlight = 0;
}

/** How much of its limits a subject has used. */
export interface SubjectUse {
  /** Requests within the window, where they are limited. */
  readonly requests: number;
  /** Tokens within the window, where they are limited. */
  readonly tokens: number;
  /** Requests in flight, where anything is limited. */
  readonly inFlight: number;
}

interface UsedSubject {
  readonly subject: LimitSubject;
  readonly usage: Usage;
}

/**
 * Limits by the memory of this process: constant time and memory per subject, and a bounded number of subjects, the one
 * unused for longest being forgotten first.
 */
export class LocalLimiter {
  private readonly usages: LRUCache<string, Usage>;

  /** @param now monotonic milliseconds. */
  constructor(
    private readonly windowMs: number,
    subjectsMax: number,
    private readonly now: () => number,
  ) {
    this.usages = new LRUCache({ max: subjectsMax });
  }

  /** Lets a request in, or refuses it without counting it anywhere. The ticket is to be finished once. */
  acquire(subjects: readonly LimitSubject[], tokens: number): LimitDecision {
    const nowMs = this.now();
    const used = subjects.map((subject) => ({ subject, usage: this.usageOf(subject) }));
    if (!used.every(({ subject, usage }) => hasRoom(subject, stateOf(subject, usage, nowMs), tokens))) {
      return refuse(
        subjects,
        used.map(({ subject, usage }) => refusedStateOf(subject, usage, tokens, nowMs)),
        tokens,
      );
    }
    const ticket = this.count(used, tokens, nowMs);
    return allow(
      subjects,
      used.map(({ subject, usage }) => stateOf(subject, usage, nowMs)),
      ticket,
    );
  }

  /** Counts a request that was let in elsewhere, whatever the limits say. */
  book(subjects: readonly LimitSubject[], tokens: number): LimitTicket {
    const used = subjects.map((subject) => ({ subject, usage: this.usageOf(subject) }));
    return this.count(used, tokens, this.now());
  }

  /** Number of subjects that are known. */
  get subjectCount(): number {
    return this.usages.size;
  }

  /** What is counted of a subject at this moment; zeros for one that is not known. */
  used(scope: LimitScope, id: string): SubjectUse {
    const usage = this.usages.peek(`${scope}:${id}`);
    const nowMs = this.now();
    return {
      requests: usage?.requests?.used(nowMs) ?? 0,
      tokens: usage?.tokens?.used(nowMs) ?? 0,
      inFlight: usage?.inFlight ?? 0,
    };
  }

  private usageOf({ scope, id }: LimitSubject): Usage {
    const key = `${scope}:${id}`;
    let usage = this.usages.get(key);
    if (usage === undefined) {
      usage = new Usage();
      this.usages.set(key, usage);
    }
    return usage;
  }

  private count(used: readonly UsedSubject[], tokens: number, nowMs: number): LimitTicket {
    let tokensPart = NOT_COUNTED;
    for (const { subject, usage } of used) {
      usage.inFlight++;
      if (subject.rpm !== undefined) {
        usage.requests ??= new SlidingWindow(this.windowMs);
        usage.requests.add(1, nowMs);
      }
      if (subject.tpm !== undefined) {
        usage.tokens ??= new SlidingWindow(this.windowMs);
        tokensPart = usage.tokens.add(tokens, nowMs);
      }
    }
    return {
      finish: (actualTokens) => {
        for (const { usage } of used) usage.inFlight--;
        if (actualTokens !== undefined && tokensPart !== NOT_COUNTED) {
          correct(used, actualTokens - tokens, tokensPart, this.now());
        }
      },
    };
  }
}

/**
 * What is given back leaves the moment in which it was counted. What comes on top is used up now: the moment of admission
 * may have left the window long ago.
 */
function correct(used: readonly UsedSubject[], difference: number, part: number, nowMs: number): void {
  for (const { subject, usage } of used) {
    if (subject.tpm === undefined) continue;
    if (difference < 0) usage.tokens?.giveBack(-difference, part, nowMs);
    else if (difference > 0) usage.tokens?.add(difference, nowMs);
  }
}

function stateOf(subject: LimitSubject, usage: Usage, nowMs: number): SubjectState {
  const requests = subject.rpm === undefined ? undefined : usage.requests;
  const tokens = subject.tpm === undefined ? undefined : usage.tokens;
  return {
    requestsUsed: requests?.used(nowMs) ?? 0,
    requestsResetMs: requests?.resetMs(nowMs) ?? 0,
    requestsWaitMs: 0,
    tokensUsed: tokens?.used(nowMs) ?? 0,
    tokensResetMs: tokens?.resetMs(nowMs) ?? 0,
    tokensWaitMs: 0,
    inFlight: usage.inFlight,
  };
}

/** The state with the waits, which only a refusal needs. */
function refusedStateOf(subject: LimitSubject, usage: Usage, tokens: number, nowMs: number): SubjectState {
  const { rpm, tpm } = subject;
  return {
    ...stateOf(subject, usage, nowMs),
    requestsWaitMs: rpm === undefined ? 0 : (usage.requests?.waitMs(1, rpm, nowMs) ?? 0),
    tokensWaitMs: tpm === undefined ? 0 : (usage.tokens?.waitMs(tokens, tpm, nowMs) ?? 0),
  };
}
