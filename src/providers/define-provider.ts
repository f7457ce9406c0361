import type { Provider } from './provider.js';

/** Declares a provider: checks what would otherwise fail only at the first request, and freezes it. */
export function defineProvider(provider: Provider): Provider {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(provider.id)) {
    throw new Error(`Provider id "${provider.id}" must be lower-case letters, digits and hyphens.`);
  }
  if (provider.baseUrl?.endsWith('/') === true) {
    throw new Error(`The base URL of provider "${provider.id}" must not end in a slash.`);
  }
  if (provider.sign !== undefined && (provider.accessTokens !== undefined || provider.imageEdits !== undefined)) {
    throw new Error(`The provider "${provider.id}" signs requests, and so can neither buy tokens nor pass uploads on.`);
  }
  return Object.freeze(provider);
}
