import type { ApiOperationSpec, ApiParameter, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { restErrors } from './responses.js';

const STRING = { type: 'string' };

const parameter = (
  name: string,
  description: LocalizedText,
  schema: ApiParameter['schema'] = STRING,
): ApiParameter => ({
  name,
  in: 'query',
  description,
  schema,
});

const filters: readonly ApiParameter[] = [
  parameter('model', { en: 'Only this model.', zh: '仅统计该模型。' }),
  parameter('user_identifier', {
    en: 'Only requests that named this end user.',
    zh: '仅统计该终端用户的请求。',
  }),
  parameter('key_id', { en: 'Only this API key of the account.', zh: '仅统计账户下的该 API Key。' }),
];

const paging: readonly ApiParameter[] = [
  parameter(
    'limit',
    { en: 'Items per page.', zh: '每页条数。' },
    { type: 'integer', minimum: 1, maximum: 100, default: 100 },
  ),
  parameter('after', {
    en: '`nextCursor` of the page before, with all other parameters unchanged.',
    zh: '上一页的 `nextCursor`，其他参数保持不变。',
  }),
];

const sums = {
  requests: 2,
  errors: 0,
  inputTokens: 1200,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 340,
  reasoningTokens: 0,
  images: 0,
  videoSeconds: 0,
  audioSeconds: 0,
  characters: 0,
  searches: 0,
  cost: '0.0564',
};

/** `GET /api/user/usage` */
export const usageOperation: ApiOperationSpec = {
  id: 'getUsage',
  tag: 'account',
  summary: { en: 'Your usage, by model, day, end user or key', zh: '查询用量，可按模型、日期、终端用户或 Key 分组' },
  description: {
    en: 'Exact to the moment. Counted is when a request ended. As CSV (`format=csv` or `Accept: text/csv`) a report comes whole, at most 10,000 lines.',
    zh: '数据实时准确，按请求结束时间统计。CSV（`format=csv` 或 `Accept: text/csv`）一次返回完整报表，最多 10,000 行。',
  },
  auth: 'apiKey',
  parameters: [
    parameter('from', {
      en: 'A date or a time with its zone, taken down to a full hour; 30 days before `to` when left out. At most 366 days.',
      zh: '日期或带时区的时间，向下取整到整点；默认为 `to` 之前 30 天。跨度最长 366 天。',
    }),
    parameter('to', {
      en: 'The end, not included, taken up to a full hour; the present when left out.',
      zh: '结束时间（不含），向上取整到整点；默认为当前时间。',
    }),
    {
      ...parameter('group_by', {
        en: 'One or more of `model`, `day`, `user_identifier`, `key`, separated by commas.',
        zh: '分组字段，可为 `model`、`day`、`user_identifier`、`key`，用逗号分隔。',
      }),
      schema: { type: 'string', default: 'model' },
    },
    parameter(
      'time_zone',
      {
        en: 'Where days begin, such as `Asia/Shanghai`. Zones whose days begin in the middle of an hour of UTC are refused.',
        zh: '日期所用时区，如 `Asia/Shanghai`；不支持日界不在 UTC 整点的时区。',
      },
      { type: 'string', default: 'UTC' },
    ),
    ...filters,
    ...paging,
    parameter(
      'format',
      { en: 'The form of the answer.', zh: '返回格式。' },
      { enum: ['json', 'csv'], default: 'json' },
    ),
  ],
  responses: {
    200: {
      description: { en: 'The report.', zh: '用量报表。' },
      content: [
        {
          type: 'application/json',
          schema: ref('UsageReport'),
          examples: [
            {
              name: 'byModel',
              summary: { en: 'By model', zh: '按模型分组' },
              value: {
                success: true,
                data: {
                  from: '2026-10-27T09:00:00.000Z',
                  to: '2026-11-26T09:00:00.000Z',
                  groupBy: ['model'],
                  items: [{ model: 'gpt-4', ...sums }],
                  totals: sums,
                  nextCursor: null,
                },
              },
            },
          ],
        },
        { type: 'text/csv', schema: STRING },
      ],
    },
    ...restErrors(400, 401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/user/usage?group_by=day,model&time_zone=Asia/Shanghai" \\
  -H "Authorization: Bearer {key}"`,
};

/** `GET /api/user/usage/events` */
export const usageEventsOperation: ApiOperationSpec = {
  id: 'listUsageEvents',
  tag: 'account',
  summary: { en: 'The single requests behind your usage', zh: '查询用量明细' },
  description: { en: 'Newest first.', zh: '按时间倒序。' },
  auth: 'apiKey',
  parameters: [
    parameter('request_id', {
      en: 'The `x-request-id` of one request.',
      zh: '某次请求的 `x-request-id`。',
    }),
    parameter('from', { en: 'Settled at or after this date or time.', zh: '结算时间起（含）。' }),
    parameter('to', { en: 'Settled before this date or time.', zh: '结算时间止（不含）。' }),
    ...filters,
    parameter('outcome', { en: 'Only this outcome, such as `done`.', zh: '仅列出该结果，如 `done`。' }),
    parameter(
      'attempts',
      {
        en: '`final`: what ended a request or moved money. `all` also lists attempts that were repeated.',
        zh: '`final`：结束请求或产生费用的记录；`all`：同时列出被重试的尝试。',
      },
      { enum: ['final', 'all'], default: 'final' },
    ),
    ...paging,
  ],
  responses: {
    200: {
      description: { en: 'The events.', zh: '用量明细。' },
      content: [
        {
          type: 'application/json',
          schema: ref('UsageEvents'),
          examples: [
            {
              name: 'events',
              summary: { en: 'One request', zh: '一次请求' },
              value: {
                success: true,
                data: {
                  items: [
                    {
                      requestId: 'req_019ad5b2c3d47e5f8a9b0c1d2e3f4a5b',
                      attempt: 1,
                      isFinal: true,
                      model: 'gpt-4',
                      endpoint: 'chat',
                      keyId: '1',
                      userIdentifier: 'user-42',
                      outcome: 'done',
                      errorCode: null,
                      estimated: false,
                      inputTokens: 600,
                      cachedInputTokens: null,
                      cacheWriteTokens: null,
                      outputTokens: 170,
                      reasoningTokens: null,
                      images: null,
                      videoSeconds: null,
                      audioSeconds: null,
                      characters: null,
                      searches: null,
                      serviceTier: null,
                      durationMs: 1840,
                      firstTokenMs: 320,
                      cost: '0.0282',
                      createdAt: '2026-11-26T08:30:00.000Z',
                    },
                  ],
                  nextCursor: null,
                },
              },
            },
          ],
        },
      ],
    },
    ...restErrors(400, 401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/user/usage/events?limit=10" \\
  -H "Authorization: Bearer {key}"`,
};
