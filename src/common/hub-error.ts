/** What a {@link HubError} is built from. */
export interface HubErrorDetails {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Stable code that callers branch on, e.g. `insufficient_quota`. */
  readonly code: string;
  /** Text for the caller: safe, useful, in English. */
  readonly message: string;
  /** OpenAI's error type; derived from the status when absent. */
  readonly type?: string;
  /** The request field at fault, e.g. `messages[1].content`. */
  readonly param?: string;
  /** Answer's Retry-After in whole seconds. */
  readonly retryAfterSeconds?: number;
  /** False when the caller's SDK must not try again by itself. */
  readonly shouldRetry?: boolean;
  /** More response headers, e.g. `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Text for the log only. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** A refusal or failure with a public face. Thrown by rules, shown by the presenters of `present-error.ts`. */
export class HubError extends Error {
  readonly status: number;
  readonly code: string;
  readonly type: string;
  readonly param: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly shouldRetry: boolean | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: string | undefined;

  constructor(details: HubErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'HubError';
    this.status = details.status;
    this.code = details.code;
    this.type = details.type ?? typeOf(details.status);
    this.param = details.param;
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.shouldRetry = details.shouldRetry;
    this.headers = details.headers ?? {};
    this.detail = details.detail;
  }
}

function typeOf(status: number): string {
  if (status === 429) return 'requests';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

/** 400 for a request field; `param` is its path. */
export function invalidRequest(message: string, param?: string, code = 'invalid_value'): HubError {
  return new HubError({ status: 400, code, message, param, shouldRetry: false });
}
