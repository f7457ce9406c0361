import { ProviderError } from '../../canonical/provider-error.js';

/** A wish that this format, or this model, has no words for; another channel may. */
export function unsupported(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'unsupported_option', message, param, code: 'unsupported_parameter' });
}

/** A request that no model could be asked. */
export function malformed(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'invalid_request', message, param, code: 'invalid_value' });
}
