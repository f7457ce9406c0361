import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://docs.siliconflow.cn. Model ids contain a slash. */
export const siliconflow = compatibleProvider({
  id: 'siliconflow',
  name: 'SiliconFlow',
  baseUrl: 'https://api.siliconflow.cn/v1',
  environment: { apiKey: ['SILICONFLOW_API_KEY'], baseUrl: ['SILICONFLOW_BASE_URL'] },
  defaultModels: ['deepseek-ai/DeepSeek-V3', 'Qwen/Qwen3-32B', 'BAAI/bge-m3'],
  hasModelList: true,
  chat: {},
  embeddings: { hasBase64: true },
  images: { refusesResponseFormat: () => true, renamedFields: { size: 'image_size', n: 'batch_size' } },
  // https://docs.siliconflow.cn/cn/api-reference/audio: the form has a file and a model, nothing else.
  transcriptions: {
    formats: ['json'],
    refusedFields: ['language', 'prompt', 'temperature', 'timestamp_granularities', 'include'],
  },
  speech: { refusedFields: ['instructions'] },
  rerank: {},
  errors: {
    codes: { 20012: 'model_missing', 30001: 'out_of_money', 50505: 'overloaded' },
    // 403 means an empty balance or a missing identity check; either way the channel has to rest until a person acts.
    statuses: { 403: 'out_of_money' },
  },
});
