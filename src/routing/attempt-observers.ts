import { Injectable } from '@nestjs/common';
import type { RequestLog } from '../common/request-log.js';
import type { AttemptRecord } from './attempt-record.js';
import type { Candidate } from './candidate.js';

/** An attempt that begins, as an observer sees it. */
export interface BegunAttempt {
  readonly requestId: string;
  /** The line of its request, the same object for all its attempts. */
  readonly log: RequestLog;
  /** Counts from 1. */
  readonly number: number;
  readonly candidate: Candidate;
  /** Public name; that of a fallback where one is asked. */
  readonly model: string;
  readonly isResume: boolean;
}

/** What an observer has to say to one attempt. */
export interface ObservedAttempt {
  /** Sent upstream with it, such as `traceparent`; lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once. */
  ended(record: AttemptRecord): void;
}

/** Watches attempts at upstreams: metrics, traces. What it throws would fail the request, so it must not throw. */
export interface AttemptObserver {
  /** An attempt begins. Undefined when the observer has no interest in this one. */
  attemptBegan(attempt: BegunAttempt): ObservedAttempt | undefined;
}

/** Everybody who watches attempts. Joined at start; without any, the relay does nothing for them. */
@Injectable()
export class AttemptObservers {
  private readonly observers: AttemptObserver[] = [];

  /** Begins to tell somebody. */
  add(observer: AttemptObserver): void {
    this.observers.push(observer);
  }

  /** Tells all of them that an attempt begins. Undefined when nobody wants to hear more of it. */
  began(attempt: BegunAttempt): ObservedAttempt | undefined {
    let joined: ObservedAttempt | undefined;
    for (const observer of this.observers) {
      const observed = observer.attemptBegan(attempt);
      if (observed !== undefined) joined = joined === undefined ? observed : both(joined, observed);
    }
    return joined;
  }
}

function both(first: ObservedAttempt, second: ObservedAttempt): ObservedAttempt {
  return {
    headers: { ...first.headers, ...second.headers },
    ended: (record) => {
      first.ended(record);
      second.ended(record);
    },
  };
}
