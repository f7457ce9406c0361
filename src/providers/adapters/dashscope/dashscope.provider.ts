import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { qwenImages } from './qwen-images.js';
import { DASHSCOPE_ERRORS } from './wan-errors.js';
import { wanImages } from './wan-images.js';
import { wanVideo } from './wan-video.js';

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
  defaultModels: [
    'qwen3-max',
    'qwen-plus',
    'qwen-turbo',
    'text-embedding-v4',
    'wan2.7-t2v',
    'wan2.7-i2v',
    'qwen-image',
    'wan2.2-t2i-flash',
  ],
  chat: {
    refusedFields: ['frequency_penalty'],
    isStreamOnly: (model) => STREAM_ONLY.test(model),
    // Only without thinking: https://help.aliyun.com/en/model-studio/partial-mode
    prefill: { isTaken: (model) => /^qwen/.test(model) && !STREAM_ONLY.test(model), mark: 'partial' },
  },
  embeddings: { inputsMax: 10 },
  ownImages: qwenImages,
  imageTasks: wanImages,
  video: wanVideo,
  errors: DASHSCOPE_ERRORS,
});
