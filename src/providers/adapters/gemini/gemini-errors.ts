import { ProviderError, type ProviderErrorKind } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import type { ErrorRules } from '../openai-compatible/error-rules.js';
import { toInBandError, toProviderError } from '../openai-compatible/errors.js';
import { readRetryAfterMs } from '../openai-compatible/retry-after.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';

/** Reasons of `google.rpc.ErrorInfo` and statuses of `google.rpc.Code`. */
const RULES: ErrorRules = {
  codes: {
    api_key_invalid: 'credential',
    api_key_expired: 'credential',
    api_key_service_blocked: 'credential',
    api_key_http_referrer_blocked: 'credential',
    api_key_ip_address_blocked: 'credential',
    service_disabled: 'credential',
    consumer_invalid: 'credential',
    consumer_suspended: 'credential',
    billing_disabled: 'out_of_money',
    // Of the Interactions API.
    safety: 'content_refused',
    prohibited_content: 'content_refused',
    blocklist: 'content_refused',
  },
  texts: [
    [/api key (?:not valid|expired|not found)|reported as leaked/i, 'credential'],
    // "Please check your plan and billing details" is said of every quota, also of one that refills in a minute.
    [
      /credits? (?:are|is|have been|has been) (?:depleted|exhausted)|enable billing|spending (?:cap|limit)/i,
      'out_of_money',
    ],
    [/user location is not supported|not available in your (?:country|region)/i, 'credential'],
    [/token count.{0,40}exceeds|exceeds the maximum number of tokens/i, 'context_length'],
    [/prohibited content|blocked due to|violat\w+ .{0,60}polic/i, 'content_refused'],
    [
      /ending with a model turn|end with a user role|is unsupported$|(?:is|are) not (?:enabled|supported) (?:for|by|in) (?:this|the) model|not (?:enabled|supported) for models\/|does not support/i,
      'unsupported_option',
    ],
  ],
  statuses: { 403: 'credential', 409: 'overloaded' },
};
const BY_STATUS: Readonly<Record<string, ProviderErrorKind>> = {
  unauthenticated: 'credential',
  permission_denied: 'credential',
  not_found: 'model_missing',
  resource_exhausted: 'rate_limited',
  aborted: 'overloaded',
  cancelled: 'overloaded',
  internal: 'overloaded',
  unavailable: 'overloaded',
  deadline_exceeded: 'overloaded',
  unknown: 'overloaded',
};
const IN_BAND_RULES: ErrorRules = { ...RULES, codes: { ...BY_STATUS, ...RULES.codes } };
const REFUSAL_WORDS: ReadonlySet<string> = new Set(['SAFETY', 'PROHIBITED_CONTENT', 'BLOCKLIST']);
/** A quota of the day is empty until midnight in California. Nobody is told to wait that long: it is looked at now and then. */
const DAILY_WAIT_MS = 10 * 60_000;

/** Reads an error answer of the Gemini API, or of a proxy before it. Never throws. */
export function toGeminiError(failure: UpstreamFailure): ProviderError {
  const error = errorIn(parse(failure.body));
  if (error === undefined) return toProviderError(failure, RULES);
  return ofGoogle(error, failure.status, RULES, readRetryAfterMs(failure.headers, false));
}

/**
 * Finds an error in an answer with status 200, or in an event of a stream.
 * @returns undefined when there is none.
 */
export function findGeminiError(value: unknown): ProviderError | undefined {
  const error = errorIn(value);
  if (error === undefined) return undefined;
  const { code } = error;
  const isStatus = Number.isInteger(code) && Number(code) >= 400 && Number(code) <= 599;
  return ofGoogle(error, isStatus ? Number(code) : 200, IN_BAND_RULES);
}

/** The object under `error`; in the array form of a stream the body is a list of one. */
function errorIn(value: unknown): WireObject | undefined {
  const holder: unknown = Array.isArray(value) ? value[0] : value;
  const error = isObject(holder) ? holder['error'] : undefined;
  return isObject(error) && Object.keys(error).length > 0 ? error : undefined;
}

/** @param askedMs what a header asks to wait, which a proxy in front may add: Google itself says it in the body. */
function ofGoogle(error: WireObject, status: number, rules: ErrorRules, askedMs?: number): ProviderError {
  const details = Array.isArray(error['details']) ? error['details'].filter(isObject) : [];
  const reason = details.map((detail) => detail['reason']).find(isText);
  const name = isText(error['status']) ? error['status'] : undefined;
  // A number elsewhere; of the Interactions API it may be a word, and then the reason of a refusal.
  const word = isText(error['code']) ? error['code'] : undefined;
  const told = word !== undefined && REFUSAL_WORDS.has(word) ? word : (name ?? word);
  const plain = toInBandError(
    {
      message: isText(error['message']) ? error['message'] : undefined,
      code: reason ?? told,
      type: name,
      param: paramOf(details),
      status,
    },
    rules,
  );
  const quota = plain.kind === 'rate_limited' ? quotaOf(details) : undefined;
  return new ProviderError({
    kind: quota === 'none' ? 'out_of_money' : plain.kind,
    message: plain.message,
    status,
    code: plain.code,
    param: plain.param,
    retryAfterMs: quota === 'day' ? DAILY_WAIT_MS : (waitOf(details) ?? askedMs),
  });
}

/** Which quota is used up: one of the day, one that was never granted, or one that refills soon. */
function quotaOf(details: readonly WireObject[]): 'day' | 'none' | 'minute' {
  const violations = details.flatMap(({ violations }) =>
    Array.isArray(violations) ? violations.filter(isObject) : [],
  );
  if (violations.some(({ quotaValue }) => quotaValue === '0')) return 'none';
  return violations.some(({ quotaId }) => isText(quotaId) && /PerDay/i.test(quotaId)) ? 'day' : 'minute';
}

/** `RetryInfo.retryDelay`, a duration such as `34.4s`; there is no `Retry-After` header. */
function waitOf(details: readonly WireObject[]): number | undefined {
  for (const { retryDelay } of details) {
    const seconds = isText(retryDelay) ? /^(\d{1,6}(?:\.\d{1,9})?)s$/.exec(retryDelay)?.[1] : undefined;
    if (seconds !== undefined) return Math.ceil(Number(seconds) * 1_000);
  }
  return undefined;
}

/** `BadRequest.fieldViolations[].field`. */
function paramOf(details: readonly WireObject[]): string | undefined {
  for (const { fieldViolations } of details) {
    if (!Array.isArray(fieldViolations)) continue;
    const field = fieldViolations
      .filter(isObject)
      .map((violation) => violation['field'])
      .find(isText);
    if (field !== undefined) return field;
  }
  return undefined;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
