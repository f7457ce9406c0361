import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { QUOTE_ENDPOINTS } from '../../common/quote-endpoints.js';
import { choice, described, integer, ref, text } from './schema-helpers.js';

/** Schemas of POST /api/user/quote. */
export const quoteSchemas: Readonly<Record<string, JsonSchema>> = {
  QuoteRequest: {
    type: 'object',
    required: ['request'],
    properties: {
      endpoint: choice(
        QUOTE_ENDPOINTS,
        'Where the request would go; default `chat/completions`.',
        '请求要发往的接口，默认 `chat/completions`。',
      ),
      request: described(
        { type: 'object' },
        'The body as that endpoint takes it. Of sound, its text fields as JSON, and `seconds`, its length, in place of the file.',
        '该接口的请求体。语音转写时为 JSON 形式的文本字段，并以 `seconds`（音频秒数）代替文件。',
      ),
    },
  },
  QuotedAmount: {
    type: 'object',
    required: ['quota', 'credits'],
    properties: {
      quota: integer('Whole quota units, rounded up.', '配额单位，向上取整。'),
      credits: text('Credits, exact.', '精确的 credit 数额。'),
    },
  },
  Quote: {
    type: 'object',
    required: ['success', 'data'],
    properties: {
      success: { const: true },
      data: {
        type: 'object',
        required: ['model', 'endpoint', 'promptTokens', 'hold', 'minimum', 'maximum', 'outputTokensCap'],
        properties: {
          model: { type: 'string' },
          endpoint: { type: 'string' },
          promptTokens: described(
            { type: ['integer', 'null'] },
            'As the hub counts them; what the provider counts is billed. Null for jobs.',
            '由本服务计数；实际计费以上游为准。任务为 null。',
          ),
          hold: ref('QuotedAmount'),
          minimum: ref('QuotedAmount'),
          maximum: { oneOf: [ref('QuotedAmount'), { type: 'null' }] },
          outputTokensCap: described(
            { type: ['integer', 'null'] },
            'Cap on output tokens that the hub would send because the request has none.',
            '请求未设上限时，由本服务发给上游的输出 token 上限。',
          ),
        },
      },
    },
  },
};
