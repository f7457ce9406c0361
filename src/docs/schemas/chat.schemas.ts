import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, choice, described, integer, number, ref, text } from './schema-helpers.js';

const contentPart: JsonSchema = {
  type: 'object',
  required: ['type'],
  properties: {
    type: choice(
      ['text', 'image_url', 'input_audio', 'file', 'refusal'],
      'Kind of part; the field of the same name carries it.',
      '内容块类型；同名字段携带其内容。',
    ),
    text: { type: 'string' },
    image_url: {
      type: 'object',
      required: ['url'],
      properties: {
        url: text('An https URL or a `data:` URI.', 'https 地址或 `data:` URI。'),
        detail: { type: 'string', enum: ['auto', 'low', 'high'] },
      },
    },
  },
};

const toolCall: JsonSchema = {
  type: 'object',
  properties: {
    index: integer('Position of the call; stream chunks only.', '调用序号，仅出现在流式片段中。'),
    id: { type: 'string' },
    type: { type: 'string' },
    function: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        arguments: text('JSON as text; may be invalid JSON.', 'JSON 文本，可能不是合法 JSON。'),
      },
    },
  },
};

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

/** Schemas of `/chat/completions`. */
export const chatSchemas: Readonly<Record<string, JsonSchema>> = {
  ChatMessage: {
    type: 'object',
    required: ['role'],
    properties: {
      role: choice(['developer', 'system', 'user', 'assistant', 'tool', 'function'], 'Who speaks.', '消息角色。'),
      content: described(
        { anyOf: [{ type: 'string' }, { type: 'array', items: contentPart }, { type: 'null' }] },
        'Text, or a list of parts (text, images, audio, files).',
        '文本，或由文本、图像、音频、文件组成的内容块列表。',
      ),
      name: { type: 'string' },
      tool_calls: { type: 'array', items: toolCall },
      tool_call_id: text('Which call a `tool` message answers.', '`tool` 消息所对应的调用 id。'),
    },
  },
  ChatCompletionRequest: {
    type: 'object',
    required: ['model', 'messages'],
    properties: {
      model: text('A model id from `GET /api/relay/v1/models`.', '`GET /api/relay/v1/models` 返回的模型 id。'),
      messages: described(
        { type: 'array', minItems: 1, items: ref('ChatMessage') },
        'The conversation so far.',
        '对话消息列表。',
      ),
      stream: boolean('Send the answer as server-sent events while it is written.', '以 SSE 流式返回结果。', {
        default: false,
      }),
      stream_options: described(
        { type: 'object', properties: { include_usage: { type: 'boolean' } } },
        'With `include_usage`, the last chunk reports the tokens used. Only with `stream`.',
        '`include_usage` 为 true 时，最后一个片段会给出 token 用量。仅在 `stream` 时有效。',
      ),
      temperature: number('Randomness of the answer.', '采样温度，越高越随机。', { minimum: 0, maximum: 2 }),
      top_p: number('Nucleus sampling.', '核采样概率。', { minimum: 0, maximum: 1 }),
      max_completion_tokens: integer(
        'Upper bound of generated tokens, hidden reasoning included.',
        '生成 token 上限（含隐藏的推理 token）。',
        { minimum: 1 },
      ),
      max_tokens: integer('Older name of the same bound.', '同一上限的旧字段名。', { minimum: 1 }),
      n: integer('How many answers to write.', '返回的候选数量。', { minimum: 1, maximum: 128 }),
      stop: described(
        { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, { type: 'null' }] },
        'Texts at which the answer ends.',
        '停止序列。',
      ),
      tools: described(
        { type: 'array', items: { type: 'object' } },
        'Functions that the model may call.',
        '模型可调用的函数列表。',
      ),
      tool_choice: described(
        { anyOf: [{ type: 'string', enum: ['none', 'auto', 'required'] }, { type: 'object' }] },
        'Whether, or which, function must be called.',
        '是否调用函数，或指定调用哪个函数。',
      ),
      response_format: described(
        { type: 'object', required: ['type'] },
        '`text`, `json_object`, or `json_schema` with a schema.',
        '`text`、`json_object`，或附带模式的 `json_schema`。',
      ),
      reasoning_effort: text('How long a reasoning model thinks.', '推理模型的思考强度。'),
      seed: integer('Asks for repeatable sampling.', '用于可复现采样的随机种子。'),
    },
    additionalProperties: true,
    description: 'Every other field of the OpenAI request is passed on to the provider unchanged.',
    'x-description-zh': 'OpenAI 请求中的其他字段会原样转发给上游。',
  },
  ChatCompletion: {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      id: { type: 'string' },
      object: { const: 'chat.completion' },
      created: integer('Unix time in seconds.', 'Unix 时间戳（秒）。'),
      model: { type: 'string' },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          required: ['index', 'message', 'finish_reason'],
          properties: {
            index: { type: 'integer' },
            message: ref('ChatMessage'),
            finish_reason: { type: 'string', enum: finishReasons },
          },
        },
      },
      usage: ref('TokenUsage'),
    },
  },
  ChatCompletionChunk: {
    type: 'object',
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      id: text('The same on every chunk of an answer.', '同一回答的所有片段相同。'),
      object: { const: 'chat.completion.chunk' },
      created: { type: 'integer' },
      model: { type: 'string' },
      choices: described(
        {
          type: 'array',
          items: {
            type: 'object',
            required: ['index', 'delta'],
            properties: {
              index: { type: 'integer' },
              delta: {
                type: 'object',
                properties: {
                  role: { type: 'string' },
                  content: described(
                    { type: ['string', 'null'] },
                    'The text added by this chunk.',
                    '本片段新增的文本。',
                  ),
                  tool_calls: { type: 'array', items: toolCall },
                },
              },
              finish_reason: { enum: [...finishReasons, null] },
            },
          },
        },
        'Empty on the usage chunk.',
        '在用量片段中为空数组。',
      ),
      usage: { anyOf: [ref('TokenUsage'), { type: 'null' }] },
    },
  },
  TokenUsage: {
    type: 'object',
    properties: {
      prompt_tokens: { type: 'integer' },
      completion_tokens: { type: 'integer' },
      total_tokens: { type: 'integer' },
    },
  },
};
