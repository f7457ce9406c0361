import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://docs.vllm.ai, a server of the operator's own. */
export const vllm = compatibleProvider({
  id: 'vllm',
  name: 'vLLM',
  baseUrl: 'http://127.0.0.1:8000/v1',
  isCredentialRequired: false,
  environment: { apiKey: ['VLLM_API_KEY'], baseUrl: ['VLLM_BASE_URL'] },
  defaultModels: [],
  hasModelList: true,
  chat: {},
  embeddings: { hasBase64: true, hasTokenInput: true },
});
