/**
 * Why an upstream attempt failed, in the words the router acts on:
 * - `invalid_request`: the caller's own fault; returned as 400, never tried elsewhere, the channel is not to blame.
 * - `unsupported_option`: this provider cannot honour an option of the request; another channel may. 400 when none can.
 * - `context_length`: as above, the prompt is longer than the model's window.
 * - `content_refused`: the content policy of the upstream; returned as 400 `content_policy_violation`.
 * - `credential`: the channel's key is refused (401, or 403 of that kind); the channel rests, the caller never sees 401.
 * - `out_of_money`: the channel's account has no credit; the channel rests long.
 * - `rate_limited`: the channel is over its limit; it rests for `retryAfterMs`.
 * - `model_missing`: the channel does not carry the upstream model.
 * - `overloaded`: 408, 409 of a lock, 425, 5xx and their relatives.
 * - `busy`: the hub itself sends no more there at the moment: the channel's own limit of requests at a time is reached.
 * - `invalid_response`: HTML, cut JSON, empty answer, a body over the limit, a redirect.
 * - `incomplete`: the stream ended, or broke, before the model had finished.
 * - `unreachable`: no connection (refused, DNS); `tls`: the handshake failed; `timeout`: a deadline passed.
 */
export type ProviderErrorKind =
  | 'invalid_request'
  | 'unsupported_option'
  | 'context_length'
  | 'content_refused'
  | 'credential'
  | 'out_of_money'
  | 'rate_limited'
  | 'model_missing'
  | 'overloaded'
  | 'busy'
  | 'invalid_response'
  | 'incomplete'
  | 'unreachable'
  | 'tls'
  | 'timeout';

/** What {@link ProviderError} is built from; `message` is the upstream's own text and may hold anything. */
export interface ProviderErrorDetails {
  readonly kind: ProviderErrorKind;
  /** The upstream's text. Unsafe to show before `toPublicText` has cleaned it. */
  readonly message: string;
  /** HTTP status of the upstream answer, if there was one. */
  readonly status?: number;
  /** The upstream's error code as text. */
  readonly code?: string;
  /** The request field the upstream complains about. */
  readonly param?: string;
  /** How long the upstream asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** What was asked for may have been made although there is no answer: nobody else may be asked for it. Default false. */
  readonly mayBeMade?: boolean;
  readonly cause?: unknown;
}

/** One failed upstream attempt. Thrown by adapters and transport, understood by the relay. */
export class ProviderError extends Error {
  readonly kind: ProviderErrorKind;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly mayBeMade: boolean;

  constructor(details: ProviderErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ProviderError';
    this.kind = details.kind;
    this.status = details.status;
    this.code = details.code;
    this.param = details.param;
    this.retryAfterMs = details.retryAfterMs;
    this.mayBeMade = details.mayBeMade ?? false;
  }

  /** True when the fault lies in the request itself, so that another channel would refuse it as well. */
  get isCallerFault(): boolean {
    return this.kind === 'invalid_request' || this.kind === 'context_length' || this.kind === 'content_refused';
  }
}
