import { compatibleProvider } from './compatible-provider.js';

/** Any server that speaks OpenAI's format; each channel gives its own base URL and models. */
export const openaiCompatible = compatibleProvider({
  id: 'openai-compatible',
  name: 'OpenAI-compatible server',
  isCredentialRequired: false,
  defaultModels: [],
  chat: {},
  // Base64 is asked for as by the caller: a server that ignores the wish is converted all the same.
  embeddings: { hasBase64: true, hasTokenInput: true },
  images: { refusesResponseFormat: (model) => model.startsWith('gpt-image-') },
  imageEditsPath: '/images/edits',
});
