import { isObject } from '../../../common/is-object.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { TaskAnswer } from '../../canonical/video.js';

/**
 * The JSON object of an answer. Whole numbers that JavaScript would round, such as 19-digit ids, are text with every digit.
 * @throws ProviderError `invalid_response` when it is no JSON object.
 */
export function readTaskAnswer({ status, body }: TaskAnswer): Readonly<Record<string, unknown>> {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text, keepDigits);
  } catch {
    // Without its cause, which quotes the answer.
    throw unreadable(`The upstream's answer (HTTP ${status}) is not valid JSON.`);
  }
  if (!isObject(value)) throw unreadable(`The upstream's answer (HTTP ${status}) is not a JSON object.`);
  return value;
}

/** An answer that cannot be understood. */
export function unreadable(message: string): ProviderError {
  return new ProviderError({ kind: 'invalid_response', message });
}

function keepDigits(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
    ? source
    : value;
}
