import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { eventStream } from './event-stream.js';
import { anthropicErrors, ROUTE_HEADERS, SESSION_PARAMETER } from './responses.js';

const message = {
  id: 'msg_8f2a61',
  type: 'message',
  role: 'assistant',
  model: 'gpt-4',
  content: [{ type: 'text', text: '你好!有什么可以帮你的吗?' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 12 },
};

const event = (type: string, members: Record<string, unknown>): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`;

const stream = eventStream(
  [ref('MessagesEvent'), ref('AnthropicError')],
  {
    en: 'Named events: `message_start`, then each block with `content_block_start`, `content_block_delta` and `content_block_stop`, then `message_delta` and `message_stop`. A failure is an event `error`.',
    zh: '具名事件：`message_start`，随后每个内容块依次为 `content_block_start`、`content_block_delta`、`content_block_stop`，最后为 `message_delta` 与 `message_stop`；出错时为 `error` 事件。',
  },
  {
    summary: { en: 'With `stream: true`', zh: '`stream: true` 时' },
    value: [
      event('message_start', { message: { ...message, content: [], stop_reason: null } }),
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
      event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: '你好' } }),
      event('content_block_stop', { index: 0 }),
      event('message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 12 } }),
      event('message_stop', {}),
    ].join(''),
  },
);

/** `POST /api/relay/anthropic/v1/messages` */
export const messagesOperation: ApiOperationSpec = {
  id: 'createMessage',
  tag: 'messages',
  summary: { en: 'Message (Anthropic-compatible)', zh: '消息（Anthropic 兼容）' },
  description: {
    en: "Anthropic's Messages API for every chat model of the hub: official SDKs and command-line tools take `/api/relay/anthropic` of this hub as their base URL. What a model has no words for is named in `x-hub-unsupported-params`; what only the Anthropic API has, such as its own tools, is refused where the model is served by others. The key may also be sent as `x-api-key`.",
    zh: '以 Anthropic Messages API 调用网关的任意聊天模型：官方 SDK 与命令行工具将 base URL 设为本网关的 `/api/relay/anthropic` 即可。模型不支持的参数在 `x-hub-unsupported-params` 中列出；仅 Anthropic API 提供的功能（如其自有工具）在模型由其他上游提供时会被拒绝。API Key 也可通过 `x-api-key` 传递。',
  },
  auth: 'apiKey',
  parameters: [SESSION_PARAMETER],
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('MessagesRequest'),
        examples: [
          {
            name: 'simple',
            summary: { en: 'One question', zh: '单轮提问' },
            value: { model: 'gpt-4', max_tokens: 1024, messages: [{ role: 'user', content: '你好' }] },
          },
        ],
      },
    ],
  },
  responses: {
    200: {
      description: { en: 'The answer, whole or as a stream.', zh: '完整回答，或流式事件。' },
      headers: ROUTE_HEADERS,
      content: [
        {
          type: 'application/json',
          schema: ref('MessagesAnswer'),
          examples: [{ name: 'whole', summary: { en: 'Whole answer', zh: '完整回答' }, value: message }],
        },
        stream,
      ],
    },
    ...anthropicErrors(400, 401, 402, 403, 404, 413, 415, 429, 500, 502, 504, 529),
  },
  curl: `curl -X POST {origin}/api/relay/anthropic/v1/messages \\
  -H "x-api-key: {key}" \\
  -H "anthropic-version: 2023-06-01" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"gpt-4","max_tokens":1024,"messages":[{"role":"user","content":"你好"}]}'`,
};

/** `POST /api/relay/anthropic/v1/messages/count_tokens` */
export const countTokensOperation: ApiOperationSpec = {
  id: 'countMessageTokens',
  tag: 'messages',
  summary: { en: 'Count the tokens of a message', zh: '统计消息 token 数' },
  description: {
    en: "The hub's own count, by which it sets quota aside. It costs nothing and counts as a request of the key's limits.",
    zh: '网关自行统计的数值，也用于预扣额度。不收费，但计入 Key 的请求频率限制。',
  },
  auth: 'apiKey',
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('MessagesCountRequest'),
        examples: [
          {
            name: 'simple',
            summary: { en: 'One question', zh: '单轮提问' },
            value: { model: 'gpt-4', messages: [{ role: 'user', content: '你好' }] },
          },
        ],
      },
    ],
  },
  responses: {
    200: {
      description: { en: 'The count.', zh: '统计结果。' },
      content: [{ type: 'application/json', schema: ref('MessagesCount') }],
    },
    ...anthropicErrors(400, 401, 403, 404, 413, 415, 429, 500, 529),
  },
  curl: `curl -X POST {origin}/api/relay/anthropic/v1/messages/count_tokens \\
  -H "x-api-key: {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"gpt-4","messages":[{"role":"user","content":"你好"}]}'`,
};

/** `GET /api/relay/anthropic/v1/models` */
export const anthropicModelsOperation: ApiOperationSpec = {
  id: 'listAnthropicModels',
  tag: 'messages',
  summary: { en: "Models, in Anthropic's shape", zh: '模型列表（Anthropic 格式）' },
  auth: 'apiKey',
  parameters: [
    {
      name: 'limit',
      in: 'query',
      description: { en: 'How many, 1 to 1000; default 20.', zh: '每页数量，1 到 1000，默认 20。' },
      schema: { type: 'integer', minimum: 1, maximum: 1000 },
    },
    {
      name: 'after_id',
      in: 'query',
      description: { en: 'Those after this one.', zh: '该模型之后的模型。' },
      schema: { type: 'string' },
    },
    {
      name: 'before_id',
      in: 'query',
      description: { en: 'Those before this one.', zh: '该模型之前的模型。' },
      schema: { type: 'string' },
    },
  ],
  responses: {
    200: {
      description: { en: 'A page of models, by name.', zh: '按名称排列的一页模型。' },
      content: [{ type: 'application/json', schema: ref('MessagesModelPage') }],
    },
    ...anthropicErrors(400, 401, 403, 500, 529),
  },
  curl: 'curl {origin}/api/relay/anthropic/v1/models -H "x-api-key: {key}"',
};

/** `GET /api/relay/anthropic/v1/models/{id}` */
export const anthropicModelOperation: ApiOperationSpec = {
  id: 'getAnthropicModel',
  tag: 'messages',
  summary: { en: "One model, in Anthropic's shape", zh: '单个模型（Anthropic 格式）' },
  auth: 'apiKey',
  parameters: [
    {
      name: 'id',
      in: 'path',
      description: { en: 'A model id; it may contain slashes.', zh: '模型 id，可包含斜杠。' },
      schema: { type: 'string' },
    },
  ],
  responses: {
    200: {
      description: { en: 'The model.', zh: '模型信息。' },
      content: [{ type: 'application/json', schema: ref('MessagesModel') }],
    },
    ...anthropicErrors(401, 403, 404, 500, 529),
  },
  curl: 'curl {origin}/api/relay/anthropic/v1/models/gpt-4 -H "x-api-key: {key}"',
};
