/** One entry of `details` of a Google API error (https://google.aip.dev/193). */
export type ErrorDetail = Readonly<Record<string, unknown>> & { readonly '@type': string };

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const MESSAGES: Readonly<Record<number, string>> = {
  429: 'You exceeded your current quota, please check your plan and billing details.',
  500: 'An internal error has occurred. Please retry or report it.',
  503: 'The model is overloaded. Please try again later.',
  504: 'The request timed out. Please try again.',
};

/** A refusal in the words of the Gemini API. */
export class GoogleError extends Error {
  constructor(
    readonly httpStatus: number,
    message: string = MESSAGES[httpStatus] ?? `The simulator answers ${httpStatus}.`,
    readonly details: readonly ErrorDetail[] = [],
    readonly status: string = STATUS_NAMES[httpStatus] ?? 'UNKNOWN',
  ) {
    super(message);
  }

  /** The object that stands under `error`. */
  toObject(): Readonly<Record<string, unknown>> {
    const { httpStatus: code, message, status, details } = this;
    return details.length === 0 ? { code, message, status } : { code, message, status, details };
  }

  toBody(): Readonly<Record<string, unknown>> {
    return { error: this.toObject() };
  }
}

/** `INVALID_ARGUMENT`, as for every request that breaks a rule. */
export function invalidArgument(message: string): GoogleError {
  return new GoogleError(400, message);
}

/** A field that the protocol buffers of the API do not have. */
export function unknownName(name: string, at: string): GoogleError {
  const where = at === '' ? '' : ` at '${at}'`;
  return invalidArgument(`Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`);
}

/** A key nobody has: 400 and not 401. */
export function badKey(): GoogleError {
  return new GoogleError(400, 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ]);
}

/** Over a limit; how long to wait stands in the body, there is no Retry-After header. */
export function overQuota(retrySeconds: number | undefined, isDaily = false): GoogleError {
  const period = isDaily ? 'PerDay' : 'PerMinute';
  const details: ErrorDetail[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [
        {
          quotaMetric: 'generativelanguage.googleapis.com/generate_content_paid_tier_requests',
          quotaId: `GenerateRequests${period}PerProjectPerModel`,
          quotaDimensions: { location: 'global', model: 'gemini-3.8-flash' },
          quotaValue: '60',
        },
      ],
    },
  ];
  if (retrySeconds !== undefined) {
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retrySeconds}s` });
  }
  return new GoogleError(429, MESSAGES[429], details);
}
