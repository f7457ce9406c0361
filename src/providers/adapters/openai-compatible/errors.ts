import { ProviderError, type ProviderErrorKind } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import {
  COMMON_CODES,
  CONTEXT_LENGTH_TEXT,
  CREDENTIAL_TEXT,
  type ErrorRules,
  IN_BAND_CODES,
  kindOfStatus,
  LOCK_TEXT,
} from './error-rules.js';
import { type ErrorText, readErrorBody } from './read-error-body.js';
import { readRetryAfterMs } from './retry-after.js';

const TEXT_CHARACTERS_MAX = 2_000;
const CODE_CHARACTERS_MAX = 128;
/**
 * Key-shaped words, which vendors echo when they refuse a key: a known prefix with a long tail, a bearer token, a JWT, or
 * 32 and more letters and digits mixed.
 */
const SECRET =
  /\b(?:AIza|AQ\.)[\w-]{10,}|\b(?:sk|pk|rk|key|gsk|xai|fw|tgp|csk|pplx|nvapi|hf|bce|ak)[-_][\w*./-]{6,}|\bbearer\s+[\w.~+/=-]{8,}|\beyJ[\w-]{8,}(?:\.[\w-]+)*|\b(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{32,}(?:\.\w+)*/gi;

/**
 * Reads an error answer of any shape into the words the router acts on. Never throws.
 * @param rules what this vendor's codes, texts and statuses mean beyond the common ones.
 */
export function toProviderError(failure: UpstreamFailure, rules: ErrorRules = {}): ProviderError {
  const { status, headers } = failure;
  const raw = decode(failure.body);
  const value = parse(raw);
  const text: ErrorText = readErrorBody(value);
  const retryAfterMs = readRetryAfterMs(headers, rules.hasResetDurations === true);
  if (isHtml(raw)) {
    return new ProviderError({
      kind: kindOfHtml(status, rules),
      message: `The upstream answered HTTP ${status} with a web page instead of JSON.`,
      status,
      retryAfterMs,
    });
  }
  return errorOf(text, rules, {
    status,
    retryAfterMs,
    fallbackMessage: value === undefined && raw.trim() !== '' ? raw.trim() : `The upstream answered HTTP ${status}.`,
  });
}

/**
 * Makes an error out of what an upstream said inside a 200: a body or an event of a stream.
 * @param text as `findInBandError` read it.
 */
export function toInBandError(text: ErrorText, rules: ErrorRules = {}): ProviderError {
  return errorOf(text, rules, {
    status: text.status ?? 200,
    retryAfterMs: undefined,
    fallbackMessage: 'The upstream reported an error inside its answer.',
  });
}

interface Circumstances {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly fallbackMessage: string;
}

function errorOf(
  text: ErrorText,
  rules: ErrorRules,
  { status, retryAfterMs, fallbackMessage }: Circumstances,
): ProviderError {
  const message = clean(text.message ?? fallbackMessage);
  return new ProviderError({
    kind: classify(text, message, status, rules),
    message,
    status,
    code: cut(text.code ?? text.type),
    param: cut(text.param),
    retryAfterMs,
  });
}

function classify(text: ErrorText, message: string, status: number, rules: ErrorRules): ProviderErrorKind {
  const names = [text.code, text.type].filter((name) => name !== undefined).map((name) => name.toLowerCase());
  for (const name of names) {
    const kind = lookUp(rules.codes, name);
    if (kind !== undefined) return kind;
  }
  for (const [pattern, kind] of rules.texts ?? []) if (pattern.test(message)) return kind;
  const common = names.map((name) => lookUp(COMMON_CODES, name)).find((kind) => kind !== undefined);
  if (common !== undefined) return common;
  const mayBeTooLong = status === 200 || status === 400 || status === 403 || status === 413 || status === 422;
  if (mayBeTooLong && CONTEXT_LENGTH_TEXT.test(message)) return 'context_length';
  const bySpecialStatus = rules.statuses?.[status];
  if (bySpecialStatus !== undefined) return bySpecialStatus;
  if (status === 403 && [...names, message].some((said) => CREDENTIAL_TEXT.test(said))) return 'credential';
  if (status === 409 && [...names, message].some((said) => LOCK_TEXT.test(said))) return 'overloaded';
  if (status >= 300) return kindOfStatus(status);
  return names.map((name) => lookUp(IN_BAND_CODES, name)).find((kind) => kind !== undefined) ?? 'overloaded';
}

function lookUp(
  codes: Readonly<Record<string, ProviderErrorKind>> | undefined,
  name: string,
): ProviderErrorKind | undefined {
  if (codes === undefined) return undefined;
  if (Object.hasOwn(codes, name)) return codes[name];
  for (const [code, kind] of Object.entries(codes)) {
    if (code.endsWith('*') && name.startsWith(code.slice(0, -1))) return kind;
  }
  return undefined;
}

/** A page from a proxy says nothing about the request; only credentials and plain overload show through it. */
function kindOfHtml(status: number, rules: ErrorRules): ProviderErrorKind {
  const kind = rules.statuses?.[status] ?? kindOfStatus(status);
  if (kind === 'overloaded' || kind === 'rate_limited' || status === 401 || status === 413) return kind;
  return 'invalid_response';
}

function decode(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** True for text that opens like a page. */
export function isHtml(text: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(text);
}

/** Takes key-shaped words out of an upstream's text and bounds its length. */
function clean(text: string): string {
  return text.slice(0, TEXT_CHARACTERS_MAX).replace(SECRET, '[redacted]');
}

function cut(text: string | undefined): string | undefined {
  return text === undefined ? undefined : clean(text).slice(0, CODE_CHARACTERS_MAX);
}
