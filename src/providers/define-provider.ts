import type { Provider } from './provider.js';

/** Declares a provider: checks what would otherwise fail only at the first request, and freezes it. */
export function defineProvider(provider: Provider): Provider {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(provider.id)) {
    throw new Error(`Provider id "${provider.id}" must be lower-case letters, digits and hyphens.`);
  }
  if (provider.baseUrl?.endsWith('/') === true) {
    throw new Error(`The base URL of provider "${provider.id}" must not end in a slash.`);
  }
  const { sign, accessTokens, imageEdits, transcriptions } = provider;
  // An upload is opened anew for each sending, and nobody has its bytes at hand.
  const passesUploads = imageEdits !== undefined || transcriptions !== undefined;
  if (sign !== undefined && (accessTokens !== undefined || passesUploads)) {
    throw new Error(`The provider "${provider.id}" signs requests, and so can neither buy tokens nor pass uploads on.`);
  }
  return Object.freeze(provider);
}
