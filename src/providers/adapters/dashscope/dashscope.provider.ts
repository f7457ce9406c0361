import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/**
 * Models that refuse a non-stream call: QwQ, QvQ, the omni and thinking families, and open-weight Qwen3, which thinks
 * unless told not to.
 */
const STREAM_ONLY = /^(?:qwq|qvq)|omni|-thinking|^qwen3-\d+(?:\.\d+)?b(?:-|$)(?!.*instruct)/;

/** https://help.aliyun.com/zh/model-studio, OpenAI-compatible mode. Set DASHSCOPE_BASE_URL for the international site. */
export const dashscope = compatibleProvider({
  id: 'dashscope',
  name: 'Alibaba DashScope (Qwen)',
  baseUrl: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
  environment: { apiKey: ['DASHSCOPE_API_KEY'], baseUrl: ['DASHSCOPE_BASE_URL'] },
  defaultModels: ['qwen3-max', 'qwen-plus', 'qwen-turbo', 'text-embedding-v4'],
  chat: { refusedFields: ['frequency_penalty'], isStreamOnly: (model) => STREAM_ONLY.test(model) },
  embeddings: { inputsMax: 10 },
  errors: {
    codes: {
      invalidapikey: 'credential',
      accessdenied: 'credential',
      'accessdenied.*': 'credential',
      arrearage: 'out_of_money',
      datainspectionfailed: 'content_refused',
      data_inspection_failed: 'content_refused',
      'throttling*': 'rate_limited',
      limit_requests: 'rate_limited',
      modelnotfound: 'model_missing',
      'internalerror*': 'overloaded',
      requesttimeout: 'overloaded',
    },
  },
});
