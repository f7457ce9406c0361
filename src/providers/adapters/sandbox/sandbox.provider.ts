import type { Provider } from '../../provider.js';
import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/**
 * The hub's own small upstream, for trying things out without a vendor.
 * @param baseUrl where it listens in this process, without a trailing slash.
 */
export function sandboxProvider(baseUrl: string): Provider {
  return compatibleProvider({
    id: 'sandbox',
    name: 'Sandbox',
    baseUrl,
    isCredentialRequired: false,
    defaultModels: ['gpt-4', 'dall-e-3', 'text-embedding-3-small'],
    passResponseHeaders: ['x-hub-sandbox'],
    chat: {},
    embeddings: { hasBase64: true, hasTokenInput: true },
    images: {},
    imageEditsPath: '/images/edits',
  });
}
