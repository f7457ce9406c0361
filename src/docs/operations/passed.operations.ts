import type { ApiOperationSpec, ApiTag, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { eventStream } from './event-stream.js';
import { generationErrors, ROUTE_HEADERS } from './responses.js';

interface Parts {
  readonly id: string;
  readonly tag: ApiTag;
  readonly path: string;
  readonly summary: LocalizedText;
  readonly example: Readonly<Record<string, unknown>>;
  readonly answer: LocalizedText;
  /** Name of its schema, and an example. */
  readonly response: readonly [string, Readonly<Record<string, unknown>>];
  readonly schema: string;
}

const SIMPLE = { name: 'simple', summary: { en: 'Simple', zh: '简单示例' } };

/** An operation with a JSON body and a JSON answer. */
function jsonOperation({ id, tag, path, summary, schema, example, answer, response }: Parts): ApiOperationSpec {
  const [name, value] = response;
  return {
    id,
    tag,
    summary,
    auth: 'apiKey',
    body: { content: [{ type: 'application/json', schema: ref(schema), examples: [{ ...SIMPLE, value: example }] }] },
    responses: {
      200: {
        description: answer,
        headers: ROUTE_HEADERS,
        content: [{ type: 'application/json', schema: ref(name), examples: [{ ...SIMPLE, value }] }],
      },
      ...generationErrors,
    },
    curl: `curl -X POST {origin}/api/relay/v1/${path} \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '${JSON.stringify(example)}'`,
  };
}

const completions = jsonOperation({
  id: 'createCompletion',
  tag: 'chat',
  path: 'completions',
  summary: { en: 'Text completions (OpenAI-compatible)', zh: '文本补全（OpenAI 兼容）' },
  schema: 'CompletionsRequest',
  example: { model: 'gpt-3.5-turbo-instruct', prompt: 'Say hello', max_tokens: 16 },
  answer: { en: 'The answer, whole or as a stream.', zh: '补全结果，完整返回或流式返回。' },
  response: [
    'CompletionsResponse',
    {
      id: 'cmpl-0198c5a1',
      object: 'text_completion',
      created: 1767000000,
      model: 'gpt-3.5-turbo-instruct',
      choices: [{ text: 'Hello!', index: 0, finish_reason: 'stop' }],
      usage: { prompt_tokens: 2, completion_tokens: 2, total_tokens: 4 },
    },
  ],
});

/** `POST /api/relay/v1/completions` */
export const completionsOperation: ApiOperationSpec = {
  ...completions,
  responses: {
    ...completions.responses,
    200: {
      description: { en: 'The answer, whole or as a stream.', zh: '补全结果，完整返回或流式返回。' },
      headers: ROUTE_HEADERS,
      content: [
        ...(completions.responses[200]?.content ?? []),
        eventStream(
          [ref('CompletionsResponse'), ref('OpenAiError')],
          {
            en: 'Chunks with the next piece of text, then `[DONE]`. A stream that breaks off ends with an error and without it.',
            zh: '逐段返回文本，以 `[DONE]` 结束；中断的流以错误事件结束，且没有 `[DONE]`。',
          },
          {
            summary: { en: 'With `stream: true`', zh: '`stream: true` 时' },
            value:
              'data: {"id":"cmpl-0198c5a1","object":"text_completion","created":1767000000,"model":"gpt-3.5-turbo-instruct","choices":[{"text":"Hello!","index":0,"finish_reason":null}]}\n\ndata: [DONE]\n\n',
          },
        ),
      ],
    },
  },
};

/** `POST /api/relay/v1/moderations` */
export const moderationsOperation: ApiOperationSpec = jsonOperation({
  id: 'createModeration',
  tag: 'chat',
  path: 'moderations',
  summary: { en: 'Moderations (OpenAI-compatible)', zh: '内容审核（OpenAI 兼容）' },
  schema: 'ModerationsRequest',
  example: { model: 'omni-moderation-latest', input: 'a text' },
  answer: { en: 'One result for each input.', zh: '每个输入对应一个结果。' },
  response: [
    'ModerationsResponse',
    {
      id: 'modr-0198c5a1',
      model: 'omni-moderation-latest',
      results: [{ flagged: false, categories: { violence: false }, category_scores: { violence: 0.0001 } }],
    },
  ],
});

/** `POST /api/relay/v1/rerank` */
export const rerankOperation: ApiOperationSpec = jsonOperation({
  id: 'createRerank',
  tag: 'embeddings',
  path: 'rerank',
  summary: { en: 'Rerank documents', zh: '文档重排序' },
  schema: 'RerankRequest',
  example: { model: 'jina-reranker-v3', query: 'apple', documents: ['a fruit', 'a car'], top_n: 1 },
  answer: { en: 'The documents, most relevant first.', zh: '按相关性排序的文档。' },
  response: [
    'RerankResponse',
    {
      id: 'rerank-0198c5a1',
      model: 'jina-reranker-v3',
      results: [{ index: 0, relevance_score: 0.98 }],
      usage: { prompt_tokens: 12, total_tokens: 12 },
    },
  ],
});
