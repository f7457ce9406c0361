import { HubError } from '../common/hub-error.js';
import type { ReserveRefusal } from '../quota/core/ledger-store.js';

const RETRY_AFTER_SECONDS = 2;

/** 403: the balance does not cover the request. No waiting cures it, so no client should try again by itself. */
export function insufficientQuota(): HubError {
  return new HubError({
    status: 403,
    code: 'insufficient_quota',
    type: 'insufficient_quota',
    message:
      'The quota of this account does not cover the request. Redeem a code or ask the operator; a text with a smaller cap needs less. ' +
      'POST /api/user/quote shows what a request needs, GET /api/user/quota what is left.',
    shouldRetry: false,
  });
}

/** 403: the budget of the key does not cover the request. */
export function keyQuotaExceeded(): HubError {
  return new HubError({
    status: 403,
    code: 'key_quota_exceeded',
    type: 'insufficient_quota',
    message:
      'The budget of this API key does not cover the request. GET /api/user/quota shows the budget and when it renews.',
    shouldRetry: false,
  });
}

/** 503: the ledger does not answer. Nothing is let through unpaid. */
export function ledgerUnavailable(cause: unknown): HubError {
  return new HubError({
    status: 503,
    code: 'service_unavailable',
    message: 'The hub cannot check quota at the moment. Please try again shortly.',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    detail: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

/** 503: the answer is there, but could not be written into the books in time. */
export function settlementPending(): HubError {
  return new HubError({
    status: 503,
    code: 'settlement_pending',
    message: 'The answer could not be booked in time. It may have been charged; GET /api/user/usage/events tells.',
    shouldRetry: false,
  });
}

/** What the caller hears of a refused reservation. */
export function reserveRefused(reason: Exclude<ReserveRefusal, 'claim_taken'>): HubError {
  switch (reason) {
    case 'balance_too_low':
      return insufficientQuota();
    case 'key_budget_too_low':
      return keyQuotaExceeded();
    case 'account_not_active':
    case 'account_unknown':
      return new HubError({
        status: 403,
        code: 'account_not_active',
        message: 'The account of this API key is not active. Please ask the operator of this hub.',
        shouldRetry: false,
      });
    case 'closed_before':
      return ledgerUnavailable('the hold of this request was closed before it was answered');
  }
}
