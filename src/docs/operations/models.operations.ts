import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { relayErrors } from './responses.js';

const model = { id: 'gpt-4', object: 'model', created: 1767000000, owned_by: 'ug-ai-hub' };

/** `GET /api/relay/v1/models` */
export const listModelsOperation: ApiOperationSpec = {
  id: 'listModels',
  tag: 'models',
  summary: { en: 'List the models your key may use (OpenAI-compatible)', zh: '列出可用模型（OpenAI 兼容）' },
  auth: 'apiKey',
  responses: {
    200: {
      description: { en: 'The models.', zh: '模型列表。' },
      content: [
        {
          type: 'application/json',
          schema: ref('ModelList'),
          examples: [
            {
              name: 'models',
              summary: { en: 'Two models', zh: '两个模型' },
              value: { object: 'list', data: [model, { ...model, id: 'text-embedding-3-small' }] },
            },
          ],
        },
      ],
    },
    ...relayErrors(401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/relay/v1/models" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/relay/v1/models/{id}` */
export const getModelOperation: ApiOperationSpec = {
  id: 'getModel',
  tag: 'models',
  summary: { en: 'Look up one model (OpenAI-compatible)', zh: '查询单个模型（OpenAI 兼容）' },
  auth: 'apiKey',
  parameters: [
    {
      name: 'id',
      in: 'path',
      description: {
        en: 'The model id. A slash in it may be sent as it is or as `%2F`.',
        zh: '模型 id；其中的斜杠可直接书写，也可写作 `%2F`。',
      },
      schema: { type: 'string' },
      example: 'gpt-4',
    },
  ],
  responses: {
    200: {
      description: { en: 'The model.', zh: '模型信息。' },
      content: [
        {
          type: 'application/json',
          schema: ref('Model'),
          examples: [{ name: 'model', summary: { en: 'A model', zh: '模型' }, value: model }],
        },
      ],
    },
    ...relayErrors(401, 403, 404, 429, 500, 503),
  },
  curl: `curl "{origin}/api/relay/v1/models/gpt-4" \\
  -H "Authorization: Bearer {key}"`,
};
