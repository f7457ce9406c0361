import type { ApiOperationSpec } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { eventStream } from './event-stream.js';
import { generationErrors, ROUTE_HEADERS, SESSION_PARAMETER } from './responses.js';

const head = { id: 'resp_8f2a61', object: 'response', created_at: 1767000000, model: 'gpt-4' };
const text = '你好!有什么可以帮你的吗?';
const message = {
  id: 'msg_8f2a610000',
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
};
const usage = { input_tokens: 9, output_tokens: 12, total_tokens: 21 };
const response = { ...head, status: 'completed', error: null, incomplete_details: null, output: [message], usage };

const event = (type: string, sequence_number: number, members: Readonly<Record<string, unknown>>): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...members })}\n\n`;
const begun = { response: { ...head, status: 'in_progress', output: [] } };
const delta = { item_id: message.id, output_index: 0, content_index: 0, delta: text };

const stream = eventStream(
  [ref('ResponseEvent'), ref('ResponseEvent')],
  {
    en: 'Named events, numbered from 0. The last is `response.completed`, `response.incomplete`, or `response.failed` where the answer broke off; `error` where it never began.',
    zh: '具名事件，从 0 开始编号。最后一个为 `response.completed` 或 `response.incomplete`；中途失败时为 `response.failed`，尚未开始即失败时为 `error`。',
  },
  {
    summary: { en: 'With `stream: true`', zh: '`stream: true` 时' },
    value: [
      event('response.created', 0, begun),
      event('response.output_text.delta', 5, delta),
      event('response.completed', 9, { response }),
    ].join(''),
  },
);

/** `POST /api/relay/v1/responses` */
export const responsesOperation: ApiOperationSpec = {
  id: 'createResponse',
  tag: 'chat',
  summary: { en: 'Response (OpenAI Responses format)', zh: 'Responses（OpenAI Responses 格式）' },
  description: {
    en: 'The same models and providers as `chat/completions`, for clients of the Responses format. The hub keeps no responses: each request carries its whole conversation, and the routes of stored responses answer 404.',
    zh: '供使用 Responses 格式的客户端调用，模型与上游同 `chat/completions`。网关不保存任何响应：每次请求都要携带完整对话，查询已存储响应的接口一律返回 404。',
  },
  auth: 'apiKey',
  parameters: [SESSION_PARAMETER],
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('ResponseRequest'),
        examples: [
          {
            name: 'simple',
            summary: { en: 'One question', zh: '单轮提问' },
            value: { model: 'gpt-4', input: '你好' },
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
          schema: ref('Response'),
          examples: [{ name: 'whole', summary: { en: 'Whole answer', zh: '完整回答' }, value: response }],
        },
        stream,
      ],
    },
    ...generationErrors,
  },
  curl: `curl -X POST {origin}/api/relay/v1/responses \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"gpt-4","input":"你好"}'`,
};
