import { HubError } from '../common/hub-error.js';
import type { ProviderError, ProviderErrorKind } from '../providers/canonical/provider-error.js';
import { toPublicText } from './public-text.js';

interface Face {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

// What a caller sees of upstream trouble: never the upstream's words, host or status as if they were the hub's.
const FACES: Readonly<
  Record<Exclude<ProviderErrorKind, 'invalid_request' | 'unsupported_option' | 'rate_limited'>, Face>
> = {
  context_length: {
    status: 400,
    code: 'context_length_exceeded',
    message: 'The messages are longer than the context window of this model.',
  },
  content_refused: {
    status: 400,
    code: 'content_policy_violation',
    message: 'The content policy of the upstream provider refused this request.',
  },
  credential: {
    status: 503,
    code: 'upstream_auth_error',
    message: 'No upstream channel accepts the hub at the moment.',
  },
  out_of_money: {
    status: 503,
    code: 'upstream_quota_error',
    message: 'No upstream channel of this model has credit at the moment.',
  },
  model_missing: { status: 503, code: 'model_unavailable', message: 'No upstream channel serves this model any more.' },
  overloaded: { status: 502, code: 'upstream_error', message: 'The upstream provider failed to answer.' },
  busy: {
    status: 503,
    code: 'upstream_overloaded',
    message: 'All upstream channels of this model are busy. Please try again.',
  },
  invalid_response: {
    status: 502,
    code: 'upstream_invalid_response',
    message: 'The upstream provider sent an answer that cannot be used.',
  },
  incomplete: {
    status: 502,
    code: 'upstream_incomplete',
    message: 'The upstream provider broke off before the answer was complete.',
  },
  unreachable: { status: 502, code: 'upstream_unreachable', message: 'The upstream provider cannot be reached.' },
  tls: {
    status: 502,
    code: 'upstream_tls_error',
    message: 'No secure connection to the upstream provider can be made.',
  },
  timeout: { status: 504, code: 'upstream_timeout', message: 'The upstream provider took too long to answer.' },
};

// Statuses of the caller's own faults that mean the same at the hub.
const CALLER_STATUSES = new Set([400, 409, 413, 422]);
const RETRY_AFTER_SECONDS_DEFAULT = 1;
const CODE = /^[a-z][a-z0-9_.]{0,63}$/i;
/** `messages[2].content`, `tools.0.name`: words shorter than keys are, and without their hyphens. */
const FIELD = /^[a-z_]\w{0,31}(?:\.\w{1,32}|\[\w{1,32}\])*$/i;
const FIELD_LENGTH_MAX = 128;

/**
 * The public face of a failed upstream attempt.
 * @param secrets texts that must not appear, such as the channel's credential and host.
 */
export function toCallerError(error: ProviderError, secrets: readonly string[]): HubError {
  const detail = toDetail(error);
  if (error.kind === 'rate_limited') {
    return new HubError({
      status: 429,
      code: 'rate_limit_exceeded',
      message: 'The upstream provider is over its rate limit. Please try again later.',
      retryAfterSeconds: Math.max(1, Math.ceil((error.retryAfterMs ?? RETRY_AFTER_SECONDS_DEFAULT * 1000) / 1000)),
      detail,
      cause: error,
    });
  }
  if (error.isCallerFault || error.kind === 'unsupported_option') {
    const face = Object.hasOwn(FACES, error.kind) ? FACES[error.kind as keyof typeof FACES] : undefined;
    const status = error.status !== undefined && CALLER_STATUSES.has(error.status) ? error.status : 400;
    return new HubError({
      status: face?.status ?? status,
      code: face?.code ?? plainCode(error, secrets),
      message: toPublicText(error.message, secrets) || (face?.message ?? 'The upstream provider refused the request.'),
      param: plainField(error.param, secrets) ?? (error.kind === 'context_length' ? 'messages' : undefined),
      shouldRetry: false,
      detail,
      cause: error,
    });
  }
  const face = FACES[error.kind as keyof typeof FACES];
  const isBusy = error.kind === 'overloaded' && (error.status === 503 || error.status === 529);
  const shown = isBusy ? { ...face, status: 503, code: 'upstream_overloaded' } : face;
  return new HubError({
    ...shown,
    // The hub has tried what it could; the SDK's own retries would only multiply the attempts.
    shouldRetry: false,
    retryAfterSeconds: shown.status === 503 ? retryAfterSeconds(error) : undefined,
    detail,
    cause: error,
  });
}

/** For the log. The words of an upstream may hold a prompt or a key, so of its answers only the status is named. */
export function toDetail({ kind, status, message }: ProviderError): string {
  return `${kind}: ${status === undefined ? message : `HTTP ${status}`}`;
}

function retryAfterSeconds(error: ProviderError): number {
  return Math.max(1, Math.ceil((error.retryAfterMs ?? 10_000) / 1000));
}

/** What was thought of here, such as a picture's option that a model does not have, has its kind as its code. */
function plainCode({ code, kind }: ProviderError, secrets: readonly string[]): string {
  const isPlain = code !== undefined && CODE.test(code) && !holdsSecret(code, secrets);
  return isPlain ? code : kind;
}

/** The name of a field, if that is what it is: an upstream may write anything there. */
function plainField(text: string | undefined, secrets: readonly string[]): string | undefined {
  const isPlain = text !== undefined && text.length <= FIELD_LENGTH_MAX && FIELD.test(text);
  return isPlain && !holdsSecret(text, secrets) ? text : undefined;
}

function holdsSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => secret !== '' && text.includes(secret));
}
