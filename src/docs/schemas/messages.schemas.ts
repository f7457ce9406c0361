import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, choice, described, integer, number, ref, text } from './schema-helpers.js';

const block = (kinds: readonly string[]): JsonSchema => ({
  type: 'object',
  required: ['type'],
  properties: {
    type: choice(kinds, 'Kind of block.', '内容块类型。'),
    text: { type: 'string' },
    source: described(
      { type: 'object' },
      'Of an image or document: `base64` with `media_type` and `data`, or `url`.',
      '图像或文档来源：`base64`（含 `media_type`、`data`）或 `url`。',
    ),
    id: text('Of a tool call.', '工具调用 id。'),
    name: text('Of the tool that is called.', '被调用的工具名。'),
    input: described({ type: 'object' }, 'What the tool is called with.', '工具调用参数。'),
    tool_use_id: text('Which call a result answers.', '结果所对应的调用 id。'),
    content: described(
      { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'object' } }] },
      'Of a result.',
      '工具结果内容。',
    ),
    is_error: { type: 'boolean' },
    thinking: { type: 'string' },
    signature: text('Opaque; send it back as it came.', '不透明签名，需原样传回。'),
    data: text('Opaque; send it back as it came.', '不透明数据，需原样传回。'),
  },
});

const GIVEN = [
  'text',
  'image',
  'document',
  'search_result',
  'tool_use',
  'tool_result',
  'thinking',
  'redacted_thinking',
];
const STOP_REASONS = [
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
];

const system = described(
  { anyOf: [{ type: 'string' }, { type: 'array', items: block(['text']) }] },
  'Instructions.',
  '系统指令。',
);
const thinking = described(
  { type: 'object', required: ['type'], properties: { type: { type: 'string' }, budget_tokens: { type: 'integer' } } },
  'How the model thinks before it answers: `enabled` with `budget_tokens`, `adaptive`, `disabled`.',
  '思考方式：`enabled`（含 `budget_tokens`）、`adaptive`、`disabled`。',
);
const tools = described(
  {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        description: { type: 'string' },
        input_schema: { type: 'object' },
        strict: { type: 'boolean' },
      },
    },
  },
  "Tools. Anthropic's own (with a `type`) need a channel of the Anthropic API.",
  '工具。Anthropic 自有工具（带 `type`）仅能由 Anthropic API 渠道提供。',
);
const toolChoice = described(
  {
    type: 'object',
    required: ['type'],
    properties: {
      type: { type: 'string', enum: ['auto', 'any', 'tool', 'none'] },
      name: { type: 'string' },
      disable_parallel_tool_use: { type: 'boolean' },
    },
  },
  'Whether and which tool is called.',
  '工具选择方式。',
);

const prompt = {
  model: text('A model id of GET /models.', 'GET /models 返回的模型 id。'),
  messages: { type: 'array', minItems: 1, items: ref('MessagesTurn') },
  system,
  thinking,
  tools,
  tool_choice: toolChoice,
};

/** Schemas of Anthropic's Messages API. */
export const messagesSchemas: Readonly<Record<string, JsonSchema>> = {
  MessagesTurn: {
    type: 'object',
    required: ['role', 'content'],
    properties: {
      role: choice(['user', 'assistant', 'system'], 'Who speaks.', '消息角色。'),
      content: { anyOf: [{ type: 'string' }, { type: 'array', items: block(GIVEN) }] },
    },
  },
  MessagesRequest: {
    type: 'object',
    required: ['model', 'messages', 'max_tokens'],
    properties: {
      ...prompt,
      max_tokens: integer('Upper bound of generated tokens.', '生成 token 上限。', { minimum: 1 }),
      stream: boolean('Answer as events.', '以事件流返回。'),
      temperature: number('Randomness, 0 to 1.', '采样温度，0 到 1。'),
      top_p: number('Nucleus sampling, 0 to 1.', '核采样概率，0 到 1。'),
      top_k: { type: 'integer' },
      stop_sequences: { type: 'array', items: { type: 'string' } },
      output_config: described(
        { type: 'object' },
        '`effort`, and `format` for an answer in a JSON schema.',
        '`effort`，以及用于 JSON Schema 输出的 `format`。',
      ),
      metadata: { type: 'object', properties: { user_id: { type: 'string' } } },
      service_tier: { type: 'string', enum: ['auto', 'standard_only'] },
    },
  },
  MessagesCountRequest: { type: 'object', required: ['model', 'messages'], properties: prompt },
  MessagesCount: {
    type: 'object',
    required: ['input_tokens'],
    properties: {
      input_tokens: integer(
        "The hub's own count; the provider's is what is billed.",
        '网关自行统计；计费以上游为准。',
        {
          minimum: 0,
        },
      ),
    },
  },
  MessagesAnswer: {
    type: 'object',
    required: ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'stop_sequence', 'usage'],
    properties: {
      id: { type: 'string' },
      type: { type: 'string', const: 'message' },
      role: { type: 'string', const: 'assistant' },
      model: { type: 'string' },
      content: { type: 'array', items: block(['text', 'tool_use', 'thinking', 'redacted_thinking']) },
      stop_reason: { anyOf: [choice(STOP_REASONS, 'Why it ended.', '结束原因。'), { type: 'null' }] },
      stop_sequence: { type: ['string', 'null'] },
      usage: ref('MessagesUsage'),
    },
  },
  MessagesUsage: {
    type: 'object',
    required: ['input_tokens', 'output_tokens'],
    properties: {
      input_tokens: integer('Neither read from nor written to a cache.', '未命中也未写入缓存的输入 token。'),
      cache_read_input_tokens: { type: 'integer' },
      cache_creation_input_tokens: { type: 'integer' },
      output_tokens: integer('Thinking included.', '含思考 token。'),
    },
  },
  MessagesEvent: {
    type: 'object',
    required: ['type'],
    properties: {
      type: choice(
        [
          'message_start',
          'content_block_start',
          'content_block_delta',
          'content_block_stop',
          'message_delta',
          'message_stop',
          'ping',
        ],
        'Kind of event, the same as its name.',
        '事件类型，与事件名相同。',
      ),
    },
  },
  MessagesModel: {
    type: 'object',
    required: ['type', 'id', 'display_name', 'created_at'],
    properties: {
      type: { type: 'string', const: 'model' },
      id: { type: 'string' },
      display_name: { type: 'string' },
      created_at: { type: 'string', format: 'date-time' },
    },
  },
  MessagesModelPage: {
    type: 'object',
    required: ['data', 'has_more', 'first_id', 'last_id'],
    properties: {
      data: { type: 'array', items: ref('MessagesModel') },
      has_more: { type: 'boolean' },
      first_id: { type: ['string', 'null'] },
      last_id: { type: ['string', 'null'] },
    },
  },
  AnthropicError: {
    type: 'object',
    required: ['type', 'error', 'request_id'],
    properties: {
      type: { type: 'string', const: 'error' },
      error: {
        type: 'object',
        required: ['type', 'message'],
        properties: {
          type: text(
            'Such as `invalid_request_error`, `overloaded_error`.',
            '如 `invalid_request_error`、`overloaded_error`。',
          ),
          message: { type: 'string' },
        },
      },
      request_id: { type: 'string' },
    },
  },
};
