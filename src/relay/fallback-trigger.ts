import type { FallbackTrigger } from '../channels/model-routing.js';
import type { ProviderErrorKind } from '../providers/canonical/provider-error.js';

const TRIGGERS: Readonly<Record<ProviderErrorKind, FallbackTrigger | undefined>> = {
  overloaded: 'unavailable',
  busy: 'unavailable',
  unreachable: 'unavailable',
  tls: 'unavailable',
  timeout: 'unavailable',
  invalid_response: 'unavailable',
  incomplete: 'unavailable',
  model_missing: 'unavailable',
  credential: 'unavailable',
  out_of_money: 'unavailable',
  rate_limited: 'rate_limited',
  unsupported_option: 'unsupported_option',
  context_length: 'context_length',
  content_refused: 'content_refused',
  // The request is wrong, whoever reads it.
  invalid_request: undefined,
};

/** Which fallbacks a failure opens; undefined for one that opens none. */
export function triggerOf(kind: ProviderErrorKind): FallbackTrigger | undefined {
  return TRIGGERS[kind];
}
