import { ProviderError } from '../../canonical/provider-error.js';

/** What a request asks for and /responses cannot give. @param param the field, in the caller's words. */
export function refusal(param: string, message: string): ProviderError {
  return new ProviderError({ kind: 'unsupported_option', message, param, code: 'unsupported_parameter' });
}
