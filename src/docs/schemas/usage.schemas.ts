import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { boolean, described, integer, ref, text } from './schema-helpers.js';

const nullable = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [schema['type'], 'null'] });
const cost = text('Credits, as a decimal string.', '费用（credit），十进制字符串。');
const videoSeconds = described({ type: 'number', minimum: 0 }, 'Seconds of video made.', '生成的视频秒数。');
const audioSeconds = described({ type: 'number', minimum: 0 }, 'Seconds of sound listened to.', '处理的音频秒数。');
const characters = integer('Characters spoken.', '合成的字符数。', { minimum: 0 });
const searches = integer(
  'Searches of a reranking, or that the vendor of a chat made.',
  '重排序的检索次数，或对话服务商代为执行的搜索次数。',
  { minimum: 0 },
);
const model = text('Model as it was asked for.', '请求的模型。');
const keyId = nullable(text('Id of the API key, or null.', 'API Key 的 id，无则为 null。'));
const userIdentifier = text(
  'End user that the request named in `user`; empty for none.',
  '请求中 `user` 字段标识的终端用户；未提供则为空。',
);
const nextCursor = nullable(
  text('Goes into `after` for the next page; null on the last one.', '用作下一页的 `after`；最后一页为 null。'),
);
const success = { const: true };

const counts: Readonly<Record<string, JsonSchema>> = {
  inputTokens: integer('Tokens of prompts, cached ones included.', '输入 token 数，含命中缓存的部分。', { minimum: 0 }),
  cachedInputTokens: integer('Of these, read from a cache.', '其中命中缓存的 token 数。', { minimum: 0 }),
  cacheWriteTokens: integer('Tokens written to a cache.', '写入缓存的 token 数。', { minimum: 0 }),
  outputTokens: integer('Tokens of answers, reasoning included.', '输出 token 数，含推理部分。', { minimum: 0 }),
  reasoningTokens: integer('Of these, spent on reasoning.', '其中用于推理的 token 数。', { minimum: 0 }),
  images: integer('Pictures made.', '生成的图片数。', { minimum: 0 }),
};

const sums: Readonly<Record<string, JsonSchema>> = {
  requests: integer('Requests that have ended.', '已结束的请求数。', { minimum: 0 }),
  errors: integer('Of these, ended in any other way than done.', '其中未成功完成的请求数。', { minimum: 0 }),
  ...counts,
  videoSeconds,
  audioSeconds,
  characters,
  searches,
  cost,
};

const time = (en: string, zh: string): JsonSchema => described({ type: 'string', format: 'date-time' }, en, zh);

/** Schemas of `GET /api/user/usage` and the events behind it. */
export const usageSchemas: Readonly<Record<string, JsonSchema>> = {
  UsageSums: { type: 'object', required: Object.keys(sums), properties: sums },
  UsageItem: {
    type: 'object',
    description: 'What it was grouped by, and its sums.',
    'x-description-zh': '分组字段及其合计。',
    required: Object.keys(sums),
    properties: {
      model,
      day: described({ type: 'string', format: 'date' }, 'A day in `time_zone`.', '`time_zone` 时区中的日期。'),
      userIdentifier,
      keyId,
      ...sums,
    },
  },
  UsageReport: {
    type: 'object',
    required: ['success', 'data'],
    properties: {
      success,
      data: {
        type: 'object',
        required: ['from', 'to', 'groupBy', 'items', 'totals', 'nextCursor'],
        properties: {
          from: time('The range that was counted: whole hours of UTC.', '实际统计的时间范围，按 UTC 整点对齐。'),
          to: time('The first moment that is left out.', '范围终点（不含）。'),
          groupBy: {
            type: 'array',
            items: { type: 'string', enum: ['model', 'day', 'user_identifier', 'key'] },
          },
          items: { type: 'array', items: ref('UsageItem') },
          totals: ref('UsageSums'),
          nextCursor,
        },
      },
    },
  },
  UsageEvent: {
    type: 'object',
    properties: {
      requestId: text('The `x-request-id` of the answer.', '响应头 `x-request-id` 的值。'),
      attempt: integer('Number of the attempt at answering the request.', '该请求的第几次尝试。', { minimum: 0 }),
      isFinal: boolean('The attempt that ended the request.', '是否为结束该请求的尝试。'),
      model,
      endpoint: text('What was asked for, such as `chat`.', '接口类型，如 `chat`。'),
      keyId,
      userIdentifier,
      outcome: text('How it ended; `done` is success.', '结果；`done` 表示成功。'),
      errorCode: nullable(text('Code of the error, or null.', '错误代码，无则为 null。')),
      estimated: boolean(
        'Counted by the hub, because the provider reported no usage.',
        '上游未返回用量，由本服务估算。',
      ),
      ...Object.fromEntries(Object.entries(counts).map(([name, schema]) => [name, nullable(schema)])),
      videoSeconds: nullable(videoSeconds),
      audioSeconds: nullable(audioSeconds),
      characters: nullable(characters),
      searches: nullable(searches),
      serviceTier: nullable(
        text(
          'Service tier by whose rates it was charged, such as "priority"; null for the usual one.',
          '计费所用的服务层级，例如 "priority"；普通层级为 null。',
        ),
      ),
      durationMs: nullable(integer('How long it took.', '耗时（毫秒）。', { minimum: 0 })),
      firstTokenMs: nullable(integer('Time to the first content.', '首个内容返回耗时（毫秒）。', { minimum: 0 })),
      cost,
      createdAt: time('When it was settled.', '结算时间。'),
    },
  },
  UsageEvents: {
    type: 'object',
    required: ['success', 'data'],
    properties: {
      success,
      data: {
        type: 'object',
        required: ['items', 'nextCursor'],
        properties: { items: { type: 'array', items: ref('UsageEvent') }, nextCursor },
      },
    },
  },
};
