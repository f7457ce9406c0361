import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://www.volcengine.com/docs/82379. A model is a model id or an endpoint id (`ep-…`). */
export const volcengine = compatibleProvider({
  id: 'volcengine',
  name: 'Volcengine Ark (Doubao)',
  baseUrl: 'https://ark.cn-beijing.volces.com/api/v3',
  environment: { apiKey: ['ARK_API_KEY'], baseUrl: ['ARK_BASE_URL'] },
  defaultModels: ['doubao-seed-2-0-pro', 'doubao-seed-2-0-lite'],
  // Of the two names only this one covers reasoning, which is what a cap of the hub is for.
  chat: { outputCap: { name: 'max_completion_tokens', isOtherNameTaken: true } },
  embeddings: {},
  images: { canGiveSeveral: false },
  errors: {
    codes: {
      missingparameter: 'invalid_request',
      'invalidparameter*': 'invalid_request',
      'sensitivecontentdetected*': 'content_refused',
      'inputtextsensitivecontentdetected*': 'content_refused',
      'outputtextsensitivecontentdetected*': 'content_refused',
      'inputimagesensitivecontentdetected*': 'content_refused',
      'outputimagesensitivecontentdetected*': 'content_refused',
      authenticationerror: 'credential',
      accountoverdueerror: 'out_of_money',
      accessdenied: 'credential',
      'invalidendpointormodel*': 'model_missing',
      modelnotopen: 'model_missing',
      'ratelimitexceeded*': 'rate_limited',
      'quotaexceeded*': 'rate_limited',
      serveroverloaded: 'overloaded',
      internalserviceerror: 'overloaded',
    },
  },
});
