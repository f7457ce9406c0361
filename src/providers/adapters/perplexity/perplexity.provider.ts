import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://docs.perplexity.ai. Usage repeats on every chunk, cumulative; search results stand beside the choices. */
export const perplexity = compatibleProvider({
  id: 'perplexity',
  name: 'Perplexity',
  baseUrl: 'https://api.perplexity.ai',
  environment: { apiKey: ['PERPLEXITY_API_KEY'], baseUrl: ['PERPLEXITY_BASE_URL'] },
  defaultModels: ['sonar', 'sonar-pro', 'sonar-reasoning-pro'],
  chat: {
    outputCap: { name: 'max_tokens', isOtherNameTaken: false },
    refusal: ({ tools }) =>
      Array.isArray(tools) && tools.length > 0
        ? { param: 'tools', message: 'Sonar models call no tools; leave out "tools" or choose another model.' }
        : undefined,
  },
});
