import { ProviderError } from '../../canonical/provider-error.js';

/** An option this provider cannot honour; another may. @param param the field, in the caller's words. */
export function unsupported(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'unsupported_option', param, message, code: 'unsupported_parameter' });
}

/** A request that makes no sense anywhere. @param param the field, in the caller's words. */
export function wrong(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'invalid_request', param, message, code: 'invalid_value' });
}
