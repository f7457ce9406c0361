import type { ProviderError } from '../../providers/canonical/provider-error.js';
import type { Usage } from '../../providers/canonical/usage.js';

/**
 * One attempt at a candidate, from the moment at which it has a place there. Exactly one of `succeed`, `fail` and `leave` ends it; what
 * comes after the end changes nothing.
 */
export interface Visit {
  /** The first content has come. @param ms since the attempt was sent. */
  noteFirstToken(ms: number): void;
  /** What the upstream reports of the prompt's place in its cache. */
  noteUsage(usage: Usage): void;
  /** The answer is complete. */
  succeed(): void;
  /** The attempt failed; whose fault it is, the error says. */
  fail(error: ProviderError): void;
  /** The client has gone, or the hub stops: nothing is learnt. */
  leave(): void;
}

/** What a visit tells; called in the order of events, and with the end once. */
export interface VisitListener {
  onFirstToken(ms: number): void;
  onUsage(usage: Usage): void;
  onEnd(end: 'succeeded' | 'left' | ProviderError): void;
}

/** Sees to it that a visit ends once. */
export class OpenVisit implements Visit {
  private listener: VisitListener | undefined;
  private hasFirstToken = false;

  constructor(listener: VisitListener) {
    this.listener = listener;
  }

  noteFirstToken(ms: number): void {
    if (this.hasFirstToken) return;
    this.hasFirstToken = true;
    this.listener?.onFirstToken(ms);
  }

  noteUsage(usage: Usage): void {
    this.listener?.onUsage(usage);
  }

  succeed(): void {
    this.end('succeeded');
  }

  fail(error: ProviderError): void {
    this.end(error);
  }

  leave(): void {
    this.end('left');
  }

  private end(end: 'succeeded' | 'left' | ProviderError): void {
    const { listener } = this;
    this.listener = undefined;
    listener?.onEnd(end);
  }
}
