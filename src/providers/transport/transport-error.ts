import { ProviderError, type ProviderErrorKind } from '../canonical/provider-error.js';

/** `content` is the first token of a stream; see `RequestDeadlines`. */
export type DeadlineName = 'connect' | 'headers' | 'content' | 'idle' | 'total';

const SAYINGS: Readonly<Record<DeadlineName, (timeoutMs: number) => string>> = {
  connect: (ms) => `No connection to the upstream within ${ms} ms.`,
  headers: (ms) => `The upstream did not answer within ${ms} ms.`,
  content: (ms) => `The upstream sent no content within ${ms} ms.`,
  idle: (ms) => `The upstream was silent for ${ms} ms.`,
  total: (ms) => `The upstream took longer than ${ms} ms.`,
};

/** Which deadline an attempt missed; the abort reason of the transport's own timers. */
export class DeadlineError extends Error {
  constructor(
    readonly what: DeadlineName,
    timeoutMs: number,
  ) {
    super(SAYINGS[what](timeoutMs));
    this.name = 'DeadlineError';
  }
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ESERVFAIL',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'HUB_CONNECT_TIMEOUT',
  'HUB_ADDRESS_REFUSED',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const TLS = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|EPROTO|HOSTNAME_MISMATCH|INVALID_CA)/;
const INVALID = /^(HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_|UND_ERR_RESPONSE)/;

/**
 * Says in the router's words why the network failed.
 * @param error what the socket, undici or a deadline reported.
 * @param hasHeaders the response had begun; a break after that is an incomplete answer.
 */
export function toTransportError(error: unknown, hasHeaders: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const message = Error.isError(error) ? error.message : String(error);
  return new ProviderError({ kind: kindOf(error, hasHeaders), message, cause: error });
}

function kindOf(error: unknown, hasHeaders: boolean): ProviderErrorKind {
  if (error instanceof DeadlineError) return error.what === 'connect' ? 'unreachable' : 'timeout';
  const codes = codesOf(error);
  if (codes.some((code) => TLS.test(code))) return 'tls';
  if (codes.some((code) => INVALID.test(code))) return 'invalid_response';
  if (hasHeaders) return 'incomplete';
  return codes.some((code) => UNREACHABLE.has(code)) ? 'unreachable' : 'invalid_response';
}

/** The codes of an error and of what it wraps: connecting to several addresses gives an AggregateError. */
function codesOf(error: unknown): string[] {
  if (!Error.isError(error)) return [];
  const codes: string[] = [];
  if ('code' in error && typeof error.code === 'string') codes.push(error.code);
  if ('errors' in error && Array.isArray(error.errors)) for (const inner of error.errors) codes.push(...codesOf(inner));
  if (error.cause !== undefined) codes.push(...codesOf(error.cause));
  return codes;
}
