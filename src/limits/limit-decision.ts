import { formatReset } from './format-reset.js';
import type { LimitSubject } from './limit-subject.js';

/** What ran out. */
export type LimitDimension = 'requests' | 'tokens' | 'concurrency';

/** The limit that refused a request. */
export interface LimitedBy {
  readonly subject: LimitSubject;
  readonly dimension: LimitDimension;
  readonly limit: number;
  /** The tokens that were asked for. */
  readonly tokens: number;
  /** True when the request alone is larger than the limit: waiting does not help. */
  readonly isTooLarge: boolean;
}

/** A request that was let in, until it ends. */
export interface LimitTicket {
  /**
   * Frees the place and corrects the tokens to what they really were; undefined keeps the estimate. Counts once, does
   * not wait, never throws.
   */
  finish(actualTokens: number | undefined): void;
}

/** Whether a request may go on, and what its answer says of the limits. */
export interface LimitDecision {
  readonly isAllowed: boolean;
  /** `x-ratelimit-*` of OpenAI for the tightest subject; empty without limits. */
  readonly headers: Readonly<Record<string, string>>;
  /** After a refusal that waiting cures: whole seconds, at least 1. */
  readonly retryAfterSeconds?: number;
  /** After a refusal. */
  readonly limitedBy?: LimitedBy;
  /** Does nothing after a refusal. */
  readonly ticket: LimitTicket;
}

/** What a subject had used when it was asked, this request not included. Infinity: waiting does not help. */
export interface SubjectState {
  readonly requestsUsed: number;
  readonly requestsResetMs: number;
  readonly requestsWaitMs: number;
  readonly tokensUsed: number;
  readonly tokensResetMs: number;
  readonly tokensWaitMs: number;
  readonly inFlight: number;
}

/** The state of a subject that nobody has used. */
export const UNUSED: SubjectState = {
  requestsUsed: 0,
  requestsResetMs: 0,
  requestsWaitMs: 0,
  tokensUsed: 0,
  tokensResetMs: 0,
  tokensWaitMs: 0,
  inFlight: 0,
};

// Nobody knows when one of the requests in flight will end.
const CONCURRENCY_WAIT_MS = 1000;

const NO_TICKET: LimitTicket = { finish: () => undefined };

/** The decision about a request that nothing limits. */
export const UNLIMITED: LimitDecision = Object.freeze({
  isAllowed: true,
  headers: Object.freeze({}),
  ticket: NO_TICKET,
});

/** True when a subject in this state lets one more request of so many tokens in. The same rule as in Redis. */
export function hasRoom(subject: LimitSubject, state: SubjectState, tokens: number): boolean {
  return (
    (subject.rpm === undefined || state.requestsUsed < subject.rpm) &&
    (subject.tpm === undefined || state.tokensUsed + tokens <= subject.tpm) &&
    (subject.concurrency === undefined || state.inFlight < subject.concurrency)
  );
}

/** The decision to let in; `states` are those after the request was counted. */
export function allow(
  subjects: readonly LimitSubject[],
  states: readonly SubjectState[],
  ticket: LimitTicket,
): LimitDecision {
  return { isAllowed: true, headers: toHeaders(subjects, states), ticket };
}

/** The decision to refuse, by the limit that takes longest to give way. */
export function refuse(
  subjects: readonly LimitSubject[],
  states: readonly SubjectState[],
  tokens: number,
): LimitDecision {
  let limitedBy: LimitedBy | undefined;
  let longestMs = -1;
  const consider = (subject: LimitSubject, dimension: LimitDimension, limit: number, waitMs: number): void => {
    if (waitMs <= longestMs) return;
    longestMs = waitMs;
    const isTooLarge = dimension === 'tokens' && tokens > limit;
    limitedBy = { subject, dimension, limit, tokens, isTooLarge };
  };
  subjects.forEach((subject, i) => {
    const state = states[i] ?? UNUSED;
    const { rpm, tpm, concurrency } = subject;
    if (rpm !== undefined && state.requestsUsed >= rpm) consider(subject, 'requests', rpm, state.requestsWaitMs);
    if (tpm !== undefined && state.tokensUsed + tokens > tpm) {
      consider(subject, 'tokens', tpm, tokens > tpm ? Number.POSITIVE_INFINITY : state.tokensWaitMs);
    }
    if (concurrency !== undefined && state.inFlight >= concurrency) {
      consider(subject, 'concurrency', concurrency, CONCURRENCY_WAIT_MS);
    }
  });
  return {
    isAllowed: false,
    headers: toHeaders(subjects, states),
    retryAfterSeconds: Number.isFinite(longestMs) ? Math.max(1, Math.ceil(longestMs / 1000)) : undefined,
    limitedBy,
    ticket: NO_TICKET,
  };
}

function toHeaders(subjects: readonly LimitSubject[], states: readonly SubjectState[]): Record<string, string> {
  const headers: Record<string, string> = {};
  let requests: SubjectState | undefined;
  let requestsLeft = Number.POSITIVE_INFINITY;
  let tokens: SubjectState | undefined;
  let tokensLeft = Number.POSITIVE_INFINITY;
  for (let i = 0; i < subjects.length; i++) {
    const { rpm, tpm } = subjects[i] ?? {};
    const state = states[i] ?? UNUSED;
    if (rpm !== undefined && rpm - state.requestsUsed < requestsLeft) {
      requests = state;
      requestsLeft = rpm - state.requestsUsed;
    }
    if (tpm !== undefined && tpm - state.tokensUsed < tokensLeft) {
      tokens = state;
      tokensLeft = tpm - state.tokensUsed;
    }
  }
  if (requests !== undefined) {
    headers['x-ratelimit-limit-requests'] = String(requestsLeft + requests.requestsUsed);
    headers['x-ratelimit-remaining-requests'] = String(Math.max(0, requestsLeft));
    headers['x-ratelimit-reset-requests'] = formatReset(requests.requestsResetMs);
  }
  if (tokens !== undefined) {
    headers['x-ratelimit-limit-tokens'] = String(tokensLeft + tokens.tokensUsed);
    headers['x-ratelimit-remaining-tokens'] = String(Math.max(0, tokensLeft));
    headers['x-ratelimit-reset-tokens'] = formatReset(tokens.tokensResetMs);
  }
  return headers;
}
