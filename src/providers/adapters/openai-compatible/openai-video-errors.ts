import type { ErrorRow } from '../../canonical/error-row.js';

/** https://platform.openai.com/docs/guides/error-codes, as far as videos are concerned. */
export const OPENAI_VIDEO_ERRORS: readonly ErrorRow[] = [
  { http: 400, code: '', kind: 'invalid_request', isRetryable: false, note: 'the request is wrong' },
  { http: 400, code: 'moderation_blocked', kind: 'content_refused', isRetryable: false, note: 'moderation refused it' },
  {
    http: 400,
    code: 'content_policy_violation',
    kind: 'content_refused',
    isRetryable: false,
    note: 'moderation refused it',
  },
  { http: 401, code: 'invalid_api_key', kind: 'credential', isRetryable: false, note: 'the key is wrong' },
  { http: 401, code: '', kind: 'credential', isRetryable: false, note: 'there is no key, or no access with it' },
  { http: 403, code: '', kind: 'credential', isRetryable: false, note: 'the organisation is not verified' },
  { http: 404, code: 'model_not_found', kind: 'model_missing', isRetryable: false, note: 'closed, or never there' },
  { http: 429, code: 'rate_limit_exceeded', kind: 'rate_limited', isRetryable: true, note: 'too many requests' },
  { http: 429, code: 'insufficient_quota', kind: 'out_of_money', isRetryable: false, note: 'no credit is left' },
  { http: 500, code: '', kind: 'overloaded', isRetryable: true, note: 'a fault of the server' },
  { http: 502, code: '', kind: 'overloaded', isRetryable: true, isDefinite: false, note: 'the server is not reached' },
  { http: 503, code: '', kind: 'overloaded', isRetryable: true, isDefinite: false, note: 'the server is overloaded' },
  { http: 504, code: '', kind: 'overloaded', isRetryable: true, isDefinite: false, note: 'the server took too long' },
];
