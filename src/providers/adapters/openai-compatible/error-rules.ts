import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderErrorKind } from '../../canonical/provider-error.js';

/** What a vendor's codes, statuses and texts mean, as data. Looked up in this order; the common rules come after. */
export interface ErrorRules {
  /** Error code or type, lower case; a trailing `*` matches every code that starts like it. */
  readonly codes?: Readonly<Record<string, ProviderErrorKind>>;
  /** Parts of the text that name the kind where code and status do not. */
  readonly texts?: readonly (readonly [pattern: RegExp, kind: ProviderErrorKind])[];
  /** Statuses that mean something else than elsewhere. */
  readonly statuses?: Readonly<Record<number, ProviderErrorKind>>;
  /** The vendor sends OpenAI's `x-ratelimit-reset-*` headers as durations such as `6m0s`. */
  readonly hasResetDurations?: boolean;
}

/** The codes of a vendor's error table, so that all its operations read them alike. Of a code with several rows the first counts. */
export function codesOfRows(rows: readonly ErrorRow[]): Readonly<Record<string, ProviderErrorKind>> {
  return Object.fromEntries(rows.toReversed().map(({ code, kind }) => [code.toLowerCase(), kind]));
}

/** Codes and types that mean the same at every vendor that uses them. */
export const COMMON_CODES: Readonly<Record<string, ProviderErrorKind>> = {
  context_length_exceeded: 'context_length',
  exceed_context_size_error: 'context_length',
  content_policy_violation: 'content_refused',
  content_filter: 'content_refused',
  moderation_blocked: 'content_refused',
  invalid_api_key: 'credential',
  incorrect_api_key_error: 'credential',
  invalid_authentication_error: 'credential',
  authentication_error: 'credential',
  insufficient_quota: 'out_of_money',
  billing_hard_limit_reached: 'out_of_money',
  insufficient_balance: 'out_of_money',
  rate_limit_exceeded: 'rate_limited',
  model_not_found: 'model_missing',
  overloaded_error: 'overloaded',
};

/** Codes too vague to decide alone at an error status, but decisive inside a 200, where no status helps. */
export const IN_BAND_CODES: Readonly<Record<string, ProviderErrorKind>> = {
  invalid_request_error: 'invalid_request',
  badrequesterror: 'invalid_request',
  not_found_error: 'model_missing',
  permission_denied_error: 'credential',
  rate_limit_error: 'rate_limited',
  server_error: 'overloaded',
};

/** Texts by which servers without a code say that the prompt does not fit. Only looked at on 400, 403, 413 and 422. */
export const CONTEXT_LENGTH_TEXT =
  /context (?:length|window|size)|maximum context|prompt is too long|prompt.{0,40}exceeds|too many (?:input )?tokens|input.{0,20}too long/i;

/** Texts and codes by which a 409 is about another request at the same time, and so may be gone a moment later. */
export const LOCK_TEXT =
  /\block(?:ed|ing)?\b|timed? ?out|concurren|in[ _]progress|already (?:being )?process|try again|retry/i;

/** Codes and texts by which a 403 is about the channel's key. Any other 403 may be about this one request. */
export const CREDENTIAL_TEXT =
  /\b(?:api[ _-]?key|access[ _-]?token|invalid token|credential|permission|access[ _-]?denied|unauthori[sz]ed|authenticat|regions?\b|country|territory)/i;

/** OpenAI's words for a 403 about models that only verified organisations may use. */
export const UNVERIFIED: readonly [RegExp, ProviderErrorKind] = [/organi[sz]ation must be verified/i, 'credential'];

/** What a status means when nothing else in the answer says so. */
export function kindOfStatus(status: number): ProviderErrorKind {
  if (status >= 500 || status === 403 || status === 408 || status === 424 || status === 425 || status === 499)
    return 'overloaded';
  switch (status) {
    case 401:
      return 'credential';
    case 402:
      return 'out_of_money';
    case 404:
      return 'model_missing';
    case 429:
      return 'rate_limited';
    case 451:
      return 'content_refused';
  }
  return status >= 400 ? 'invalid_request' : 'invalid_response';
}
