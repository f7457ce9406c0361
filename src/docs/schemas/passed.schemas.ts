import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, choice, described, integer, number, text } from './schema-helpers.js';

const model = text('A model id from `GET /api/relay/v1/models`.', '`GET /api/relay/v1/models` 返回的模型 id。');
const tokenList: JsonSchema = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 0 } };
const passesOthers = {
  additionalProperties: true,
  description: 'Every other field of the OpenAI request is passed on to the provider unchanged.',
  'x-description-zh': 'OpenAI 请求中的其他字段会原样转发给上游。',
};
const user = text('Your own name for the end user.', '你方的终端用户标识。');
const usage = { type: 'object', additionalProperties: true };

/** Schemas of `/completions`, `/moderations`, `/rerank` and `/audio/*`. */
export const passedSchemas: Readonly<Record<string, JsonSchema>> = {
  CompletionsRequest: {
    type: 'object',
    required: ['model', 'prompt'],
    properties: {
      model,
      prompt: described(
        {
          anyOf: [
            { type: 'string' },
            { type: 'array', minItems: 1, items: { type: 'string' } },
            tokenList,
            { type: 'array', minItems: 1, items: tokenList },
          ],
        },
        'A text to go on from, a list of texts, or the same as token numbers.',
        '待续写的文本、文本列表，或对应的 token 编号。',
      ),
      max_tokens: integer('The most that each answer may have.', '每个结果的最大 token 数。', {
        minimum: 0,
        default: 16,
      }),
      n: integer('Answers for each prompt.', '每个提示词的结果数。', { minimum: 1, maximum: 128, default: 1 }),
      stream: boolean('`true` for an event stream.', '为 `true` 时返回事件流。'),
      user,
    },
    ...passesOthers,
  },
  CompletionsResponse: {
    type: 'object',
    required: ['id', 'object', 'model', 'choices'],
    properties: {
      id: { type: 'string' },
      object: { const: 'text_completion' },
      created: integer('Unix time in seconds.', 'Unix 时间戳（秒）。'),
      model: { type: 'string' },
      choices: {
        type: 'array',
        items: {
          type: 'object',
          required: ['text', 'index'],
          properties: {
            text: { type: 'string' },
            index: { type: 'integer' },
            finish_reason: { type: ['string', 'null'] },
          },
        },
      },
      usage: { type: ['object', 'null'], additionalProperties: true },
    },
  },
  ModerationsRequest: {
    type: 'object',
    required: ['input'],
    properties: {
      model: described({ type: 'string', default: 'omni-moderation-latest' }, 'A model id.', '模型 id。'),
      input: described(
        {
          anyOf: [
            { type: 'string' },
            { type: 'array', minItems: 1, items: { type: 'string' } },
            { type: 'array', minItems: 1, items: { type: 'object' } },
          ],
        },
        'A text, a list of texts, or a list of parts (`text`, `image_url`) that are judged together.',
        '文本、文本列表，或一并审核的内容块（`text`、`image_url`）列表。',
      ),
    },
    ...passesOthers,
  },
  ModerationsResponse: {
    type: 'object',
    required: ['results', 'model'],
    properties: {
      id: { type: 'string' },
      model: { type: 'string' },
      results: {
        type: 'array',
        items: {
          type: 'object',
          required: ['flagged', 'categories'],
          properties: {
            flagged: boolean('One of the categories applies.', '是否命中任一类别。'),
            categories: { type: 'object', additionalProperties: true },
            category_scores: { type: 'object', additionalProperties: true },
          },
        },
      },
    },
  },
  RerankRequest: {
    type: 'object',
    required: ['model', 'query', 'documents'],
    properties: {
      model,
      query: text('What is looked for.', '查询内容。'),
      documents: described(
        {
          type: 'array',
          minItems: 1,
          items: {
            anyOf: [
              { type: 'string' },
              { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
            ],
          },
        },
        'Texts, or objects with a `text`.',
        '文本，或带有 `text` 的对象。',
      ),
      top_n: integer('How many results; all of them without it.', '返回结果数；不填则全部返回。', { minimum: 1 }),
      return_documents: boolean('Gives the texts back with the results.', '结果中附带文档原文。', { default: false }),
    },
    additionalProperties: true,
    description: 'The shape that Jina, Cohere, SiliconFlow and vLLM share. Every other field is passed on unchanged.',
    'x-description-zh': '与 Jina、Cohere、硅基流动、vLLM 相同的格式；其他字段原样转发。',
  },
  RerankResponse: {
    type: 'object',
    required: ['id', 'model', 'results'],
    properties: {
      id: { type: 'string' },
      model: { type: 'string' },
      results: described(
        {
          type: 'array',
          items: {
            type: 'object',
            required: ['index', 'relevance_score'],
            properties: {
              index: integer('Place in `documents`, from 0.', '在 `documents` 中的位置，从 0 开始。'),
              relevance_score: number('The higher, the better it answers.', '相关性得分，越高越相关。'),
              document: { type: 'object', properties: { text: { type: 'string' } }, additionalProperties: true },
            },
          },
        },
        'Most relevant first.',
        '按相关性从高到低。',
      ),
      usage: { ...usage, properties: { prompt_tokens: { type: 'integer' }, total_tokens: { type: 'integer' } } },
      meta: { type: 'object', additionalProperties: true },
    },
  },
  TranscriptionRequest: {
    type: 'object',
    required: ['file', 'model'],
    properties: {
      file: described(
        { type: 'string', contentMediaType: 'application/octet-stream' },
        'The sound: flac, mp3, mp4, m4a, ogg, wav or webm.',
        '音频文件：flac、mp3、mp4、m4a、ogg、wav 或 webm。',
      ),
      model,
      response_format: choice(
        ['json', 'text', 'srt', 'verbose_json', 'vtt', 'diarized_json'],
        'What the transcript is written in; depends on the model.',
        '转写结果格式，取决于模型。',
        { default: 'json' },
      ),
      language: text('ISO 639-1, such as `en`.', 'ISO 639-1 语言代码，例如 `zh`。'),
      prompt: text('Words to expect, or what came before.', '提示词或上文。'),
      stream: boolean('`true` for an event stream, of models that can.', '为 `true` 时返回事件流（模型支持时）。'),
      user,
    },
    ...passesOthers,
  },
  TranscriptionResponse: {
    type: 'object',
    required: ['text'],
    properties: { text: { type: 'string' }, usage },
    additionalProperties: true,
  },
  SpeechRequest: {
    type: 'object',
    required: ['model', 'input'],
    properties: {
      model,
      input: text('The text to be spoken.', '待合成的文本。'),
      voice: described({}, 'The name of a voice; depends on the model.', '音色名称，取决于模型。'),
      response_format: text(
        '`mp3` (default), `opus`, `aac`, `flac`, `wav` or `pcm`, as far as the model has them.',
        '`mp3`（默认）、`opus`、`aac`、`flac`、`wav` 或 `pcm`（模型支持时）。',
      ),
      speed: number('1 is the usual speed.', '语速，1 为正常。', { minimum: 0.25, maximum: 4, default: 1 }),
      stream_format: choice(
        ['audio', 'sse'],
        '`sse` for events in place of the bare sound, of models that can.',
        '`sse` 时返回事件流而非音频本身（模型支持时）。',
        { default: 'audio' },
      ),
    },
    ...passesOthers,
  },
};
