import type { ApiOperationSpec, ApiParameter } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { eventStream } from './event-stream.js';
import { generationErrors, ROUTE_HEADERS, SESSION_PARAMETER } from './responses.js';

const completion = {
  id: 'chatcmpl-8f2a61',
  object: 'chat.completion',
  created: 1767000000,
  model: 'gpt-4',
  choices: [{ index: 0, message: { role: 'assistant', content: '你好!有什么可以帮你的吗?' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 12, total_tokens: 21 },
};

const chunk = (delta: Record<string, unknown>, finishReason: string | null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-8f2a61',
    object: 'chat.completion.chunk',
    created: 1767000000,
    model: 'gpt-4',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })}\n\n`;

const stream = eventStream(
  [ref('ChatCompletionChunk'), ref('OpenAiError')],
  {
    en: 'Events `data: {...}`, each a ChatCompletionChunk, then `data: [DONE]`.',
    zh: '事件 `data: {...}`，每个为 ChatCompletionChunk，最后为 `data: [DONE]`。',
  },
  {
    summary: { en: 'With `stream: true`', zh: '`stream: true` 时' },
    value: `${chunk({ role: 'assistant', content: '' }, null)}${chunk({ content: '你好' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`,
  },
);

const success = {
  description: { en: 'The answer, whole or as a stream.', zh: '完整回答，或流式片段。' },
  headers: ROUTE_HEADERS,
  content: [
    {
      type: 'application/json',
      schema: ref('ChatCompletion'),
      examples: [{ name: 'whole', summary: { en: 'Whole answer', zh: '完整回答' }, value: completion }],
    },
    stream,
  ],
};

/** `POST /api/relay/v1/chat/completions` */
export const chatCompletionsOperation: ApiOperationSpec = {
  id: 'createChatCompletion',
  tag: 'chat',
  summary: { en: 'Chat completion (OpenAI-compatible)', zh: '聊天补全（OpenAI 兼容）' },
  description: {
    en: 'Sends the conversation to a provider of the model. When one provider fails, the next one is asked. A stream that breaks off is gone on with by the next provider where its text continues exactly; otherwise it ends in an error event.',
    zh: '将对话发送给提供该模型的上游；若某个上游失败，会自动改用下一个。流式回答中途中断时，仅当下一个上游能精确续写才会继续，否则以错误事件结束。',
  },
  auth: 'apiKey',
  parameters: [SESSION_PARAMETER],
  body: {
    content: [
      {
        type: 'application/json',
        schema: ref('ChatCompletionRequest'),
        examples: [
          {
            name: 'simple',
            summary: { en: 'One question', zh: '单轮提问' },
            value: { model: 'gpt-4', messages: [{ role: 'user', content: '你好' }], temperature: 0.7 },
          },
        ],
      },
    ],
  },
  responses: { 200: success, ...generationErrors },
  curl: `curl -X POST {origin}/api/relay/v1/chat/completions \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"gpt-4","messages":[{"role":"user","content":"你好"}]}'`,
};

const scalar = (name: string, type: string, en: string, zh: string): ApiParameter => ({
  name,
  in: 'query',
  description: { en, zh },
  schema: { type },
});

const queryParameters: readonly ApiParameter[] = [
  {
    ...scalar('model', 'string', 'A model id.', '模型 id。'),
    required: true,
    example: 'gpt-4',
  },
  {
    name: 'messages',
    in: 'query',
    required: true,
    description: {
      en: 'The list of messages as JSON, percent-encoded.',
      zh: '消息列表的 JSON 文本，需进行 URL 编码。',
    },
    schema: {
      type: 'string',
      contentMediaType: 'application/json',
      contentSchema: { type: 'array', minItems: 1, items: ref('ChatMessage') },
    },
    example: '[{"role":"user","content":"你好"}]',
  },
  { ...scalar('stream', 'boolean', '`true` for an event stream.', '为 `true` 时返回事件流。'), example: true },
  scalar('temperature', 'number', 'Randomness, 0 to 2.', '采样温度，0 到 2。'),
  scalar('top_p', 'number', 'Nucleus sampling, 0 to 1.', '核采样概率，0 到 1。'),
  scalar('max_completion_tokens', 'integer', 'Upper bound of generated tokens.', '生成 token 上限。'),
  scalar('max_tokens', 'integer', 'Older name of the same bound.', '同一上限的旧字段名。'),
];

/** `GET /api/relay/v1/chat/completions` */
export const chatCompletionsQueryOperation: ApiOperationSpec = {
  id: 'streamChatCompletion',
  tag: 'chat',
  summary: { en: 'Chat completion for EventSource clients', zh: '聊天补全（EventSource 形式）' },
  description: {
    en: 'The same request with its fields as query parameters, for clients that can only GET. Other scalar fields of the request may be given the same way. The `Authorization` header is required here too.',
    zh: '以查询参数传递同样的请求，供只能发起 GET 的客户端使用；其他标量字段也可这样传递。同样需要 `Authorization` 请求头。',
  },
  auth: 'apiKey',
  parameters: [...queryParameters, SESSION_PARAMETER],
  responses: {
    200: {
      description: success.description,
      headers: ROUTE_HEADERS,
      content: [{ type: 'application/json', schema: ref('ChatCompletion') }, stream],
    },
    ...generationErrors,
  },
  curl: `curl -N -G {origin}/api/relay/v1/chat/completions \\
  -H "Authorization: Bearer {key}" \\
  --data-urlencode 'model=gpt-4' \\
  --data-urlencode 'messages=[{"role":"user","content":"你好"}]' \\
  --data-urlencode 'stream=true'`,
};
