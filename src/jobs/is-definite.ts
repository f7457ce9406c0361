import { findErrorRow, isRefusal } from '../providers/canonical/error-row.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskApi } from '../providers/provider.js';

/** Failures before a byte of the request could have been worked on. */
const NOTHING_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'ESERVFAIL',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'HUB_CONNECT_TIMEOUT',
  'HUB_ADDRESS_REFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Kinds of failure that are no word of the upstream. */
const NO_WORD: ReadonlySet<string> = new Set(['unreachable', 'tls', 'timeout', 'incomplete', 'invalid_response']);

/** Statuses of a gateway that waited for its server in vain: whatever words it has for that, it does not know what came of it. */
const WAITED_IN_VAIN: ReadonlySet<number> = new Set([504, 524]);

/**
 * Whether a failed submission has made no task for certain, so that it may be sent elsewhere: no connection at all, or an answer
 * that refuses it. A deadline, a connection that broke and an answer that cannot be read leave it open, and so does what the vendor's
 * error table marks. A fault of the upstream (5xx) does too, whatever word it has for it: a task may be paid for by then. Only a row
 * of the table that says the opposite makes one certain.
 *
 * @param operation undefined for what is made at once: an upstream that fails with a word of its own has ended it, and no task is left.
 */
export function isDefinite(error: unknown, operation?: Pick<TaskApi, 'isDefinite' | 'errors'>): boolean {
  if (!(error instanceof ProviderError)) return false;
  if (operation?.isDefinite !== undefined && !operation.isDefinite(error)) return false;
  const { status, code } = error;
  const row = findErrorRow(operation?.errors ?? [], status ?? 0, code);
  const saying = row !== undefined && (row.code !== '' || isFault(status)) ? row : undefined;
  if (saying !== undefined && !isRefusal(saying)) return false;
  if (status !== undefined && WAITED_IN_VAIN.has(status)) return false;
  if (NO_WORD.has(error.kind))
    return error.kind === 'tls' || codesOf(error.cause).some((code) => NOTHING_SENT.has(code));
  if (!isFault(status)) return true;
  if (operation === undefined) return code !== undefined && isWord(code, status);
  return saying !== undefined;
}

function isFault(status: number | undefined): status is number {
  return status !== undefined && status >= 500;
}

/** Gateways of all kinds say in standard words, or once more, what the status says: so much anybody can say who knows nothing. */
function isWord(code: string, status: number): boolean {
  return code !== String(status) && !/^(?:about:blank$|https?:)/i.test(code);
}

/** The codes of an error and of what it wraps. */
function codesOf(error: unknown): string[] {
  if (!Error.isError(error)) return [];
  const own = 'code' in error && typeof error.code === 'string' ? [error.code] : [];
  const inner = 'errors' in error && Array.isArray(error.errors) ? error.errors.flatMap(codesOf) : [];
  return [...own, ...inner, ...codesOf(error.cause)];
}
