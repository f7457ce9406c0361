import type { ProviderErrorKind } from './provider-error.js';

/** Whose fault a failed attempt is. */
export type Fault = 'caller' | 'policy' | 'provider' | 'hub';

const FAULTS: Readonly<Record<ProviderErrorKind, Fault>> = {
  invalid_request: 'caller',
  unsupported_option: 'caller',
  context_length: 'caller',
  content_refused: 'policy',
  // The operator's account at the vendor, not the vendor.
  credential: 'hub',
  out_of_money: 'hub',
  model_missing: 'hub',
  busy: 'hub',
  rate_limited: 'provider',
  overloaded: 'provider',
  invalid_response: 'provider',
  incomplete: 'provider',
  unreachable: 'provider',
  tls: 'provider',
  timeout: 'provider',
};

/** Whose fault an attempt of this kind is; a closed list, fit for a metric. */
export function faultOf(kind: ProviderErrorKind): Fault {
  return FAULTS[kind];
}
