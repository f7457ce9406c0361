import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { restErrors } from './responses.js';

/** `POST /api/user/quote` */
export const quoteOperation: ApiOperationSpec = {
  id: 'quoteRequest',
  tag: 'account',
  summary: { en: 'What a request would cost', zh: '预估一次请求的费用' },
  description: {
    en: 'Nothing is sent or charged. `hold` is set aside when the request begins, `minimum` is the least balance it begins with, `maximum` the most it costs; null for a stream without a cap, whose hold grows with it.',
    zh: '不会发送请求，也不会计费。`hold` 是请求开始时预留的额度，`minimum` 是开始所需的最低余额，`maximum` 是最高费用；没有上限的流式请求为 null，其预留会随输出增长。',
  },
  auth: 'apiKey',
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('QuoteRequest'),
        examples: [
          {
            name: 'chat',
            summary: { en: 'A chat request', zh: '聊天请求' },
            value: {
              endpoint: 'chat/completions',
              request: { model: 'gpt-4', messages: [{ role: 'user', content: '你好' }], max_tokens: 100 },
            },
          },
        ],
      },
    ],
  },
  responses: {
    200: {
      description: { en: 'The quote.', zh: '报价。' },
      content: [
        {
          type: 'application/json',
          schema: ref('Quote'),
          examples: [
            {
              name: 'quote',
              summary: { en: 'Quote', zh: '报价' },
              value: {
                success: true,
                data: {
                  model: 'gpt-4',
                  endpoint: 'chat/completions',
                  promptTokens: 9,
                  hold: { quota: 2, credits: '0.0010225' },
                  minimum: { quota: 2, credits: '0.0010225' },
                  maximum: { quota: 2, credits: '0.0010225' },
                  outputTokensCap: null,
                },
              },
            },
          ],
        },
      ],
    },
    ...restErrors(400, 401, 403, 404, 413, 415, 429, 500, 503),
  },
  curl: `curl -X POST {origin}/api/user/quote \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"endpoint":"chat/completions","request":{"model":"gpt-4","messages":[{"role":"user","content":"你好"}],"max_tokens":100}}'`,
};
