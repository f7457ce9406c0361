import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { generationErrors, ROUTE_HEADERS } from './responses.js';

/** `POST /api/relay/v1/embeddings` */
export const embeddingsOperation: ApiOperationSpec = {
  id: 'createEmbeddings',
  tag: 'embeddings',
  summary: { en: 'Text embeddings (OpenAI-compatible)', zh: '文本嵌入（OpenAI 兼容）' },
  auth: 'apiKey',
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('EmbeddingsRequest'),
        examples: [
          {
            name: 'simple',
            summary: { en: 'One text', zh: '一段文本' },
            value: { model: 'text-embedding-3-small', input: '你好世界' },
          },
        ],
      },
    ],
  },
  responses: {
    200: {
      description: { en: 'One vector for each input, in the order of the inputs.', zh: '按输入顺序返回的向量。' },
      headers: ROUTE_HEADERS,
      content: [
        {
          type: 'application/json',
          schema: ref('EmbeddingsResponse'),
          examples: [
            {
              name: 'float',
              summary: { en: 'Shortened vector', zh: '向量已截短' },
              value: {
                object: 'list',
                data: [{ object: 'embedding', index: 0, embedding: [0.0023, -0.0093, 0.0157] }],
                model: 'text-embedding-3-small',
                usage: { prompt_tokens: 4, total_tokens: 4 },
              },
            },
          ],
        },
      ],
    },
    ...generationErrors,
  },
  curl: `curl -X POST {origin}/api/relay/v1/embeddings \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"text-embedding-3-small","input":"你好世界"}'`,
};
