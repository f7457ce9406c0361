import { ProviderError } from '../../providers/canonical/provider-error.js';

/** Something that all instances are to know about a candidate or a credential. */
export type HealthNews =
  | {
      /** `told`: an upstream has asked for a rest. `ejected`: a circuit breaker has opened. */
      readonly type: 'told' | 'ejected';
      /** `Candidate.healthKey` or `Candidate.credentialKey`. */
      readonly key: string;
      readonly error: ProviderError;
      readonly restMs: number;
      /** How many times in a row the breaker has opened. */
      readonly rests: number;
    }
  | { readonly type: 'recovered'; readonly key: string };

/** Kinds of errors that a candidate may rest for. */
const KINDS = [
  'credential',
  'out_of_money',
  'rate_limited',
  'model_missing',
  'overloaded',
  'invalid_response',
  'incomplete',
  'unreachable',
  'tls',
  'timeout',
] as const;
const KEY_LENGTH_MAX = 1000;

/** Puts news into text: no credential and no words of an upstream are in it. @param from the instance that tells. */
export function writeNews(news: HealthNews, from: string): string {
  if (news.type === 'recovered') return JSON.stringify({ from, type: news.type, key: news.key });
  const { type, key, error, restMs, rests } = news;
  const { kind, status } = error;
  return JSON.stringify({ from, type, key, kind, status, restMs: Math.ceil(restMs), rests });
}

/** Reads what {@link writeNews} has written; undefined when it is anything else. @param leftMs what is left of the rest, if it is not all of it. */
export function readNews(
  text: string,
  leftMs?: number,
): { readonly from: string; readonly news: HealthNews } | undefined {
  const message = parse(text);
  if (message === undefined) return undefined;
  const { from, type, key, status } = message;
  if (typeof from !== 'string' || typeof key !== 'string' || key.length > KEY_LENGTH_MAX) return undefined;
  if (type === 'recovered') return { from, news: { type, key } };
  const kind = KINDS.find((one) => one === message['kind']);
  const restMs = leftMs ?? toCount(message['restMs']);
  if ((type !== 'told' && type !== 'ejected') || kind === undefined || restMs === undefined) return undefined;
  const error = new ProviderError({
    kind,
    message: 'Another instance of the hub has found this out.',
    status: typeof status === 'number' ? status : undefined,
  });
  return { from, news: { type, key, error, restMs, rests: toCount(message['rests']) ?? 1 } };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    // Anybody who may speak to Redis may say anything there.
    return undefined;
  }
}

function toCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
