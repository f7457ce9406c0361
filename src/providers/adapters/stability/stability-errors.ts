import { isObject } from '../../../common/is-object.js';
import { ProviderError, type ProviderErrorKind } from '../../canonical/provider-error.js';
import type { UpstreamFailure } from '../../provider.js';
import { toProviderError } from '../openai-compatible/errors.js';

/** What its names for errors mean where the status does not say it. https://platform.stability.ai/docs/api-reference */
const NAMES: Readonly<Record<string, ProviderErrorKind>> = {
  content_moderation: 'content_refused',
  payment_required: 'out_of_money',
  rate_limit_exceeded: 'rate_limited',
  internal_error: 'overloaded',
  unauthorized: 'credential',
  bad_request: 'invalid_request',
};

/** Reads an error answer, `{ id, name, errors }`. Never throws. */
export function toStabilityError(failure: UpstreamFailure): ProviderError {
  // A 403 is about this one prompt: its own documents know no other.
  const { kind, message, status, retryAfterMs } = toProviderError(failure, { statuses: { 403: 'content_refused' } });
  const code = nameOf(failure.body);
  const named = code !== undefined && Object.hasOwn(NAMES, code) ? NAMES[code] : undefined;
  return new ProviderError({ kind: named ?? kind, message, status, code, retryAfterMs });
}

function nameOf(body: Uint8Array): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
  const name = isObject(value) ? value['name'] : undefined;
  return typeof name === 'string' && /^[a-z_]{1,40}$/.test(name) ? name : undefined;
}
