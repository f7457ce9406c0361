import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, described, integer, number, ref, text } from './schema-helpers.js';

const item: JsonSchema = { type: 'object' };
const nullableText: JsonSchema = { type: ['string', 'null'] };

/** Schemas of `/responses`. */
export const responsesSchemas: Readonly<Record<string, JsonSchema>> = {
  ResponseRequest: {
    type: 'object',
    required: ['model', 'input'],
    properties: {
      model: text('A model id from `GET /api/relay/v1/models`.', '`GET /api/relay/v1/models` 返回的模型 id。'),
      input: described(
        { anyOf: [{ type: 'string' }, { type: 'array', minItems: 1, items: item }] },
        'A text, or the whole conversation as items: messages, reasoning, calls of functions and custom tools, and their outputs.',
        '文本，或由消息、推理、函数与自定义工具调用及其输出组成的完整对话。',
      ),
      instructions: described(
        nullableText,
        'Said before the conversation, as a system message.',
        '置于对话之前的系统指令。',
      ),
      stream: boolean('Send the answer as server-sent events while it is written.', '以 SSE 流式返回结果。', {
        default: false,
      }),
      max_output_tokens: integer(
        'Upper bound of generated tokens, hidden reasoning included.',
        '生成 token 上限（含隐藏的推理 token）。',
        { minimum: 1 },
      ),
      tools: described(
        { type: 'array', items: item },
        'Functions and custom tools. Tools that a vendor runs itself are refused.',
        '函数与自定义工具；由厂商托管的工具会被拒绝。',
      ),
      tool_choice: described(
        { anyOf: [{ type: 'string' }, { type: 'object' }] },
        'Whether, or which, tool must be called.',
        '是否调用工具，或指定调用哪个工具。',
      ),
      reasoning: described(
        {
          type: 'object',
          properties: { effort: nullableText, summary: { enum: ['auto', 'concise', 'detailed', null] } },
        },
        'How long a reasoning model thinks, and what it tells of it.',
        '推理模型的思考强度与摘要方式。',
      ),
      text: described(
        { type: 'object', properties: { format: { type: 'object' }, verbosity: nullableText } },
        'The form of the text: `text`, `json_object`, or `json_schema` with a schema.',
        '文本格式：`text`、`json_object`，或附带模式的 `json_schema`。',
      ),
      temperature: number('Randomness of the answer.', '采样温度，越高越随机。', { minimum: 0, maximum: 2 }),
      top_p: number('Nucleus sampling.', '核采样概率。', { minimum: 0, maximum: 1 }),
      metadata: described({ type: 'object' }, 'Given back with the answer.', '随回答原样返回。'),
      store: boolean(
        'The hub keeps nothing; `true` is reported in `x-hub-unsupported-params`.',
        '网关不保存任何内容；传 `true` 会在 `x-hub-unsupported-params` 中注明。',
      ),
    },
    additionalProperties: true,
    description:
      'What cannot be honoured is named in the header `x-hub-unsupported-params`. What would need stored state (`previous_response_id`, `conversation`, `background`, item references) is refused.',
    'x-description-zh':
      '无法满足的字段会列在响应头 `x-hub-unsupported-params` 中；依赖已存储状态的字段（`previous_response_id`、`conversation`、`background`、条目引用）会被拒绝。',
  },
  Response: {
    type: 'object',
    required: ['id', 'object', 'created_at', 'status', 'model', 'output'],
    properties: {
      id: { type: 'string' },
      object: { const: 'response' },
      created_at: integer('Unix time in seconds.', 'Unix 时间戳（秒）。'),
      status: { type: 'string', enum: ['in_progress', 'completed', 'incomplete', 'failed'] },
      error: { anyOf: [ref('ResponseError'), { type: 'null' }] },
      incomplete_details: {
        anyOf: [{ type: 'object', properties: { reason: { type: 'string' } } }, { type: 'null' }],
      },
      model: { type: 'string' },
      output: described(
        { type: 'array', items: item },
        'Reasoning, messages and calls, in their order. Send them back as they are in the next `input`: `encrypted_content` carries what the model needs of its reasoning.',
        '按顺序排列的推理、消息与调用。下一次请求时原样放回 `input`：`encrypted_content` 携带模型所需的推理内容。',
      ),
      usage: { anyOf: [ref('ResponseUsage'), { type: 'null' }] },
    },
  },
  ResponseError: {
    type: 'object',
    required: ['code', 'message'],
    properties: { code: { type: 'string' }, message: { type: 'string' } },
  },
  ResponseUsage: {
    type: 'object',
    properties: {
      input_tokens: { type: 'integer' },
      input_tokens_details: { type: 'object', properties: { cached_tokens: { type: 'integer' } } },
      output_tokens: { type: 'integer' },
      output_tokens_details: { type: 'object', properties: { reasoning_tokens: { type: 'integer' } } },
      total_tokens: { type: 'integer' },
    },
  },
  ResponseEvent: {
    type: 'object',
    required: ['type', 'sequence_number'],
    properties: {
      type: text('Also the name of the event.', '同时也是事件名。'),
      sequence_number: integer('Counts from 0.', '从 0 开始递增。'),
      response: ref('Response'),
      delta: { type: 'string' },
    },
    additionalProperties: true,
  },
};
