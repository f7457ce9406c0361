import type { LedgerClock } from '../../src/quota/core/ledger-clock.js';

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements LedgerClock {
  private time = 0;
  private timers: Timer[] = [];

  now(): number {
    return this.time;
  }

  schedule(ms: number, task: () => void): () => void {
    const timer = { at: this.time + ms, task };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.schedule(ms, resolve));
  }

  /** Lets time pass; whatever waits for a promise has its turn after each timer. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await settled();
    for (let next = this.take(until); next !== undefined; next = this.take(until)) {
      this.time = Math.max(this.time, next.at);
      next.task();
      await settled();
    }
    this.time = until;
  }

  private take(until: number): Timer | undefined {
    const [next] = this.timers.toSorted((a, b) => a.at - b.at);
    if (next === undefined || next.at > until) return undefined;
    this.timers = this.timers.filter((timer) => timer !== next);
    return next;
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
