import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { relayErrors } from './responses.js';

const hub = {
  type: 'chat',
  capabilities: { context_tokens: 8192, output_tokens_max: 8192, tools: true, vision: false },
  prices: {
    currency: 'credits',
    input_per_million: '2.5',
    cached_input_per_million: '1.25',
    cache_write_per_million: '2.5',
    output_per_million: '10',
    reasoning_per_million: '10',
  },
};
const model = { id: 'gpt-4', object: 'model', created: 1767000000, owned_by: 'ug-ai-hub', hub };
const embedding = {
  ...model,
  id: 'text-embedding-3-small',
  hub: {
    type: 'embedding',
    capabilities: {},
    prices: { ...hub.prices, input_per_million: '0.02', output_per_million: '0', reasoning_per_million: '0' },
  },
};

/** `GET /api/relay/v1/models` */
export const listModelsOperation: ApiOperationSpec = {
  id: 'listModels',
  tag: 'models',
  summary: { en: 'List the models your key may use (OpenAI-compatible)', zh: '列出可用模型（OpenAI 兼容）' },
  description: {
    en: "Beside OpenAI's members each model has a `hub` object: what it is for, what it can, and what your account pays for it.",
    zh: '除 OpenAI 字段外，每个模型还带有 `hub` 对象：用途、能力，以及你的账户所付的价格。',
  },
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
              value: { object: 'list', data: [model, embedding] },
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
