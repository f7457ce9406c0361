import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://cloud.tencent.com/document/product/1729/111007 */
export const hunyuan = compatibleProvider({
  id: 'hunyuan',
  name: 'Tencent Hunyuan',
  baseUrl: 'https://api.hunyuan.cloud.tencent.com/v1',
  environment: { apiKey: ['HUNYUAN_API_KEY'], baseUrl: ['HUNYUAN_BASE_URL'] },
  defaultModels: ['hunyuan-turbos-latest', 'hunyuan-t1-latest', 'hunyuan-embedding'],
  chat: {},
  embeddings: {},
});
