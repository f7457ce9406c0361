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
  // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html, extra parameters of the chat API.
  chat: {
    prefill: { isTaken: () => true, fields: { continue_final_message: 'true', add_generation_prompt: 'false' } },
  },
  embeddings: { hasBase64: true, hasTokenInput: true },
  completions: {},
  // Streams of transcripts have chunks of chats in them, and speakers are not told apart:
  // https://docs.vllm.ai/en/latest/api/vllm/entrypoints/openai/translations/protocol/
  transcriptions: { hasTranslations: true, formats: ['json', 'text', 'srt', 'verbose_json', 'vtt'] },
  rerank: {},
});
