import { HubError } from '../common/hub-error.js';
import type { LimitDecision, LimitedBy } from './limit-decision.js';
import type { LimitSubject } from './limit-subject.js';

/** 429: the refusal of a {@link LimitDecision}, with its headers. */
export function rateLimitExceeded(decision: LimitDecision): HubError {
  const { limitedBy, retryAfterSeconds, headers } = decision;
  return new HubError({
    status: 429,
    code: 'rate_limit_exceeded',
    type: limitedBy?.dimension === 'tokens' ? 'tokens' : 'requests',
    message: limitedBy === undefined ? 'Too many requests.' : textOf(limitedBy, retryAfterSeconds),
    retryAfterSeconds,
    headers,
    shouldRetry: limitedBy?.isTooLarge === true ? false : undefined,
    detail:
      limitedBy === undefined
        ? undefined
        : `${limitedBy.dimension} of ${limitedBy.subject.scope} ${limitedBy.subject.id}`,
  });
}

/** 429: too many failed attempts at something that is guessed at. */
export function tooManyAttempts(retryAfterSeconds: number): HubError {
  return new HubError({
    status: 429,
    code: 'too_many_attempts',
    message: `Too many failed attempts. Please try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
    shouldRetry: false,
  });
}

/** 429: too many requests from one address. */
export function tooManyRequests(retryAfterSeconds: number): HubError {
  return new HubError({
    status: 429,
    code: 'too_many_requests',
    message: `Too many requests from your address. Please try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
  });
}

function textOf({ subject, dimension, limit, tokens, isTooLarge }: LimitedBy, retryAfterSeconds?: number): string {
  const who = nameOf(subject);
  if (isTooLarge) {
    return (
      `The request is too large for ${who}: it may need ${tokens} tokens, and the limit is ${limit} tokens per minute. ` +
      'Shorten the prompt, or ask for fewer output tokens.'
    );
  }
  const later = `Please try again in ${retryAfterSeconds ?? 1} s.`;
  switch (dimension) {
    case 'requests':
      return `The rate limit of ${who} is ${limit} requests per minute, and it is used up. ${later}`;
    case 'tokens':
      return `The rate limit of ${who} is ${limit} tokens per minute, too few are left for this request. ${later}`;
    case 'concurrency':
      return `The limit of ${who} is ${limit} requests at the same time. Please try again when one has ended.`;
  }
}

function nameOf({ scope, id }: LimitSubject): string {
  if (scope === 'model') return `the model "${id}"`;
  return scope === 'key' ? 'this API key' : 'this account';
}
