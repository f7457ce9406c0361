import type { ApiContent, ApiParameter, ApiResponse, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { eventStream } from './event-stream.js';

/** A job's id in the examples. */
export const JOB_ID = 'job_019ad5b2c3d47e5f8a9b0c1d2e3f4a5b';

/** A JSON body with one example. */
export const jsonContent = (schema: string, summary: LocalizedText, value: unknown): ApiContent => ({
  type: 'application/json',
  schema: ref(schema),
  examples: [{ name: 'example', summary, value }],
});

/** The query parameter that names a job. */
export const jobIdParameter: ApiParameter = {
  name: 'jobId',
  in: 'query',
  required: true,
  description: { en: 'The job, as `submit` gave it.', zh: '`submit` 返回的任务 id。' },
  schema: { type: 'string' },
  example: JOB_ID,
};

/** Which result of a job. */
export const indexParameter: ApiParameter = {
  name: 'index',
  in: 'query',
  description: { en: 'Which result, counted from 0.', zh: '第几个结果，从 0 开始。' },
  schema: { type: 'integer', minimum: 0, default: 0 },
};

/** A header that makes a repetition safe. */
export const idempotencyKeyParameter: ApiParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  description: {
    en: 'Any text of your own. The same request with the same key makes one job, and gets the same answer, for 24 hours.',
    zh: '自定义文本。24 小时内，相同请求携带相同的键只会创建一个任务，并得到相同的响应。',
  },
  schema: { type: 'string', maxLength: 255 },
};

/** Filters and paging of a list of jobs. */
export const jobListParameters: readonly ApiParameter[] = [
  query('status', {
    en: 'Only these states, separated by commas: `queued`, `processing`, `succeeded`, `failed`, `cancelled`.',
    zh: '仅列出这些状态，用逗号分隔：`queued`、`processing`、`succeeded`、`failed`、`cancelled`。',
  }),
  query('model', { en: 'Only this model.', zh: '仅列出该模型。' }),
  query('user_identifier', { en: 'Only requests that named this end user.', zh: '仅列出该终端用户的请求。' }),
  query('from', { en: 'Taken on at or after this date or time.', zh: '提交时间起（含）。' }),
  query('to', { en: 'Taken on before this date or time.', zh: '提交时间止（不含）。' }),
  query(
    'limit',
    { en: 'Items per page.', zh: '每页条数。' },
    { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  ),
  query('after', {
    en: '`nextCursor` of the page before, with all other parameters unchanged.',
    zh: '上一页的 `nextCursor`，其他参数保持不变。',
  }),
];

function query(
  name: string,
  description: LocalizedText,
  schema: ApiParameter['schema'] = { type: 'string' },
): ApiParameter {
  return { name, in: 'query', description, schema };
}

/** A job was taken on. */
export const acceptedResponse: ApiResponse = {
  description: { en: 'The job was taken on; its most is set aside.', zh: '任务已受理，并预留最高费用。' },
  content: [jsonContent('JobAccepted', { en: 'Taken on', zh: '已受理' }, { success: true, data: { jobId: JOB_ID } })],
};

/** The state of a job. @param file what a result is called at the end. */
export function statusResponse(file: string): ApiResponse {
  const resultUrl = `{origin}/api/media/${file}`;
  const example = (name: string, summary: LocalizedText, value: unknown) => ({
    name,
    summary,
    value: { success: true, data: value },
  });
  return {
    description: { en: 'The state of the job.', zh: '任务状态。' },
    content: [
      {
        type: 'application/json',
        schema: ref('JobStatus'),
        examples: [
          example('succeeded', { en: 'Succeeded', zh: '成功' }, { status: 'succeeded', progress: 100, resultUrl }),
          example(
            'processing',
            { en: 'Under way', zh: '进行中' },
            { status: 'processing', progress: 45, resultUrl: null },
          ),
          example(
            'failed',
            { en: 'Failed', zh: '失败' },
            {
              status: 'failed',
              progress: 45,
              resultUrl: null,
              error: {
                code: 'content_policy_violation',
                message: 'The content policy of the upstream provider refused this request.',
              },
            },
          ),
        ],
      },
    ],
  };
}

/** A page of jobs. */
export function listResponse(provider: string, model: string): ApiResponse {
  return {
    description: { en: 'The jobs, newest first.', zh: '任务列表，按时间倒序。' },
    content: [
      jsonContent(
        'JobList',
        { en: 'One job', zh: '一个任务' },
        {
          success: true,
          data: {
            items: [
              {
                jobId: JOB_ID,
                status: 'processing',
                progress: 45,
                resultUrl: null,
                provider,
                model,
                userIdentifier: 'user_123',
                metadata: null,
                cost: null,
                createdAt: '2026-11-26T08:30:00.000Z',
                finishedAt: null,
                resultsExpireAt: null,
              },
            ],
            nextCursor: null,
          },
        },
      ),
    ],
  };
}

/** The states of a job as they come. */
export const eventsResponse: ApiResponse = {
  description: {
    en: 'One `status` event for each state, with what the status would say in its `data`.',
    zh: '每次状态变化发送一个 `status` 事件，`data` 为状态查询的内容。',
  },
  content: [
    eventStream(
      [ref('JobState'), ref('RestError')],
      {
        en: 'Events `status`, the last with a state that is final; `error` when the stream breaks off.',
        zh: '`status` 事件，最后一个为最终状态；中断时为 `error` 事件。',
      },
      {
        summary: { en: 'From queue to result', zh: '从排队到完成' },
        value:
          'event: status\ndata: {"status":"processing","progress":45,"resultUrl":null}\n\n: ping\n\nevent: status\ndata: {"status":"succeeded","progress":100,"resultUrl":"https://..."}\n\n',
      },
    ),
  ],
};

/** A result as bytes. */
export function fileResponses(type: string): Readonly<Record<number, ApiResponse>> {
  const content = [{ type, schema: { type: 'string', contentMediaType: 'application/octet-stream' } }];
  return {
    200: { description: { en: 'The file.', zh: '完整文件。' }, content },
    206: { description: { en: 'The part that `Range` asked for.', zh: '`Range` 指定的部分。' }, content },
    416: { description: { en: 'The file has no such part.', zh: '文件没有该范围。' } },
  };
}
