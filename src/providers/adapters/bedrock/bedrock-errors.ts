import { isObject } from '../../../common/is-object.js';
import type { ErrorRow } from '../../canonical/error-row.js';
import type { ProviderError } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import { codesOfRows, type ErrorRules } from '../openai-compatible/error-rules.js';
import { toInBandError, toProviderError } from '../openai-compatible/errors.js';

const PERMANENT = { isRetryable: false } as const;
const PASSING = { isRetryable: true } as const;

/**
 * The vendor's error table. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html, 2026-11
 */
const ROWS: readonly ErrorRow[] = [
  {
    http: 400,
    code: 'ServiceQuotaExceededException',
    kind: 'rate_limited',
    ...PASSING,
    note: 'a quota of the account',
  },
  { http: 400, code: 'IncompleteSignatureException', kind: 'credential', ...PERMANENT, note: 'no whole signature' },
  { http: 403, code: 'UnrecognizedClientException', kind: 'credential', ...PERMANENT, note: 'unknown access key' },
  {
    http: 403,
    code: 'InvalidSignatureException',
    kind: 'credential',
    ...PERMANENT,
    note: 'wrong secret, or wrong clock',
  },
  { http: 403, code: 'ExpiredTokenException', kind: 'credential', ...PERMANENT, note: 'the session is over' },
  { http: 403, code: 'MissingAuthenticationTokenException', kind: 'credential', ...PERMANENT, note: 'no credential' },
  { http: 404, code: 'ResourceNotFoundException', kind: 'model_missing', ...PERMANENT, note: 'no such model' },
  { http: 404, code: 'UnknownOperationException', kind: 'model_missing', ...PERMANENT, note: 'no such path' },
  { http: 408, code: 'ModelTimeoutException', kind: 'overloaded', ...PASSING, note: 'the model took too long' },
  { http: 424, code: 'ModelErrorException', kind: 'overloaded', ...PASSING, note: 'the model failed' },
  { http: 424, code: 'ModelStreamErrorException', kind: 'overloaded', ...PASSING, note: 'it failed inside a stream' },
  { http: 429, code: 'ThrottlingException', kind: 'rate_limited', ...PASSING, note: 'too many requests or tokens' },
  { http: 429, code: 'ModelNotReadyException', kind: 'overloaded', ...PASSING, note: 'the model is being loaded' },
  { http: 500, code: 'InternalServerException', kind: 'overloaded', ...PASSING, note: 'a fault of the service' },
  { http: 503, code: 'ServiceUnavailableException', kind: 'overloaded', ...PASSING, note: 'too much to do' },
];

const RULES: ErrorRules = {
  codes: codesOfRows(ROWS),
  // What ValidationException (400) and AccessDeniedException (403) have in common is only that: the text tells.
  texts: [
    [
      /input is too long|exceeds? (?:the )?context (?:limit|window)|too many input tokens|prompt is too long/i,
      'context_length',
    ],
    [/INVALID_PAYMENT_INSTRUMENT|payment instrument/i, 'out_of_money'],
    [
      /model identifier is invalid|on-demand throughput isn.t supported|don.t have access to the model|model access is denied|end of its life/i,
      'model_missing',
    ],
    [/content filtering policy/i, 'content_refused'],
    [
      /model doesn.t support|does not support|isn.t supported|not supported (?:for|by) this model|toolChoice|outputConfig/i,
      'unsupported_option',
    ],
  ],
  statuses: { 403: 'credential' },
};

/** HTTP status that an exception inside a stream would have had ahead of it. */
const STATUSES = new Map([
  ...ROWS.map(({ code, http }) => [code.toLowerCase(), http] as const),
  ['validationexception', 400],
]);

/** Reads an error answer. Its type stands in a header, or in `__type`, with an address around it. */
export function toBedrockError(failure: UpstreamFailure): ProviderError {
  const value = parse(failure.body);
  const type = typeOf(failure.headers['x-amzn-errortype']) ?? typeOf(value?.['__type']);
  if (type === undefined) return toProviderError(failure, RULES);
  const said = { message: value?.['message'] ?? value?.['Message'] ?? type, code: type };
  return toProviderError({ ...failure, body: Buffer.from(JSON.stringify(said)) }, RULES);
}

/** Reads an exception or error that ends a stream. @param name its type. */
export function toStreamError(name: string, data: string): ProviderError {
  const value = parse(Buffer.from(data));
  const message = value?.['message'];
  return toInBandError(
    {
      message: typeof message === 'string' ? message : undefined,
      code: name,
      type: undefined,
      param: undefined,
      status: STATUSES.get(name.toLowerCase()),
    },
    RULES,
  );
}

/** `com.amazon.x#ThrottlingException` and `ThrottlingException:http://...` name the same. */
function typeOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const [type = ''] = (text.split('#').at(-1) ?? '').split(':');
  return type === '' ? undefined : type;
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
