import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://docs.ollama.com/openai, a server of the operator's own. */
export const ollama = compatibleProvider({
  id: 'ollama',
  name: 'Ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  isCredentialRequired: false,
  environment: { apiKey: ['OLLAMA_API_KEY'], baseUrl: ['OLLAMA_BASE_URL'] },
  defaultModels: [],
  hasModelList: true,
  chat: {
    outputCap: { name: 'max_tokens', isOtherNameTaken: false },
    refusedFields: ['tool_choice', 'logit_bias', 'user'],
    canGiveChoices: false,
  },
  embeddings: { hasBase64: true },
  completions: {
    takesOnePromptOnly: true,
    canGiveChoices: false,
    refusedFields: ['echo', 'logit_bias', 'user', 'logprobs'],
  },
});
