import type { LimitDecision, LimitTicket } from '../limits/limit-decision.js';
import type { LimitSubject } from '../limits/limit-subject.js';
import type { RateLimiter } from '../limits/rate-limiter.js';

/** A model as limits know it. */
export interface LimitedModel {
  /** Public name. */
  readonly id: string;
  readonly limits?: LimitSubject;
}

/** What a request was let in with. */
export interface OrderLimitsParts {
  readonly limiter: Pick<RateLimiter, 'acquire'>;
  /** Of the key, the account and the model that was asked for. */
  readonly ticket: LimitTicket;
  /** Public name of the model that was asked for. */
  readonly model: string;
  /** Estimate of prompt and answer together. */
  readonly tokens: number;
}

/**
 * The limits that count a request until it ends: those of its key, its account and its model, and of each fallback that it goes to. All
 * keep their places to the end; the tokens count at the model that has served last, besides those that let the request in.
 */
export class OrderLimits implements LimitTicket {
  private readonly fallbacks = new Map<string, LimitTicket>();
  private serving: string;
  private isFinished = false;

  constructor(private readonly parts: OrderLimitsParts) {
    this.serving = parts.model;
  }

  /**
   * Counts the request in at a model that may serve it; once at each, however many channels of it are asked.
   * @returns the refusal, or undefined when it may go there; a promise only where Redis has to be asked.
   */
  enter({ id, limits }: LimitedModel): LimitDecision | undefined | Promise<LimitDecision | undefined> {
    if (limits === undefined || id === this.parts.model || this.fallbacks.has(id)) return undefined;
    const decision = this.parts.limiter.acquire([limits], this.parts.tokens);
    return decision instanceof Promise ? decision.then((one) => this.keep(id, one)) : this.keep(id, decision);
  }

  /** Notes which model is asked now: one that let the request in may have no channel with a place for it. */
  serve(model: string): void {
    this.serving = model;
  }

  finish(actualTokens: number | undefined): void {
    this.isFinished = true;
    this.parts.ticket.finish(actualTokens);
    for (const [id, ticket] of this.fallbacks) ticket.finish(id === this.serving ? actualTokens : 0);
  }

  private keep(id: string, decision: LimitDecision): LimitDecision | undefined {
    if (!decision.isAllowed) return decision;
    // The request ended while Redis was asked.
    if (this.isFinished) decision.ticket.finish(0);
    else this.fallbacks.set(id, decision.ticket);
    return undefined;
  }
}
