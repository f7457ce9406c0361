import type { ApiContent, ApiOperationSpec, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { restErrors } from './responses.js';

const JOB_ID = 'job_0198f2c1a7b47c3e9d5f6a8b0c1d2e3f';

const json = (schemaName: string, name: string, summary: LocalizedText, value: unknown): ApiContent => ({
  type: 'application/json',
  schema: ref(schemaName),
  examples: [{ name, summary, value }],
});

const secret = (previousValidUntil: string | null): ApiContent =>
  json(
    'WebhookSecret',
    'secret',
    { en: 'A secret', zh: '密钥' },
    {
      success: true,
      data: {
        secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3',
        createdAt: '2026-11-26T08:30:00.000Z',
        previousValidUntil,
      },
    },
  );

/** `GET /api/user/webhook-secret` */
export const webhookSecretOperation: ApiOperationSpec = {
  id: 'getWebhookSecret',
  tag: 'webhooks',
  summary: { en: 'What signs your webhooks', zh: '查询 Webhook 签名密钥' },
  description: {
    en: 'A job that was submitted with `webhookUrl` is reported there when it is over: `POST` with `webhook-id`, `webhook-timestamp` and `webhook-signature` as in Standard Webhooks, so that its libraries verify it. Answer 2xx within ten seconds. Anything else is tried again for 24 hours, with pauses that grow to an hour; 410 ends it. The same message may come more than once: recognise it by `webhook-id`. The secret is one for all webhooks of the account, and is made when it is first asked for.',
    zh: '提交任务时若带有 `webhookUrl`，任务结束后会向该地址发送 `POST` 请求，请求头 `webhook-id`、`webhook-timestamp`、`webhook-signature` 遵循 Standard Webhooks 规范，可直接使用其验证库。请在 10 秒内返回 2xx；否则在 24 小时内重试，间隔逐渐增至一小时；返回 410 则不再发送。同一消息可能送达多次，请以 `webhook-id` 去重。密钥对账户的全部 Webhook 通用，首次查询时生成。',
  },
  auth: 'apiKey',
  responses: {
    200: { description: { en: 'The secret.', zh: '签名密钥。' }, content: [secret(null)] },
    ...restErrors(401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/user/webhook-secret" \\
  -H "Authorization: Bearer {key}"`,
};

/** `POST /api/user/webhook-secret/rotate` */
export const rotateWebhookSecretOperation: ApiOperationSpec = {
  id: 'rotateWebhookSecret',
  tag: 'webhooks',
  summary: { en: 'Change what signs your webhooks', zh: '更换 Webhook 签名密钥' },
  description: {
    en: 'For 24 hours `webhook-signature` carries two signatures, of the new secret and of the one before, with a space between them. Changing it again ends the older of the two at once.',
    zh: '更换后 24 小时内，`webhook-signature` 同时带有新旧两个密钥的签名，以空格分隔。再次更换会使更早的密钥立即失效。',
  },
  auth: 'apiKey',
  responses: {
    200: {
      description: { en: 'The new secret.', zh: '新的签名密钥。' },
      content: [secret('2026-11-27T08:30:00.000Z')],
    },
    ...restErrors(401, 403, 429, 500, 503),
  },
  curl: `curl -X POST "{origin}/api/user/webhook-secret/rotate" \\
  -H "Authorization: Bearer {key}"`,
};

const deliveries = (summary: LocalizedText, delivery: object): ApiContent =>
  json('WebhookDeliveries', 'deliveries', summary, {
    success: true,
    data: {
      jobId: JOB_ID,
      deliveries: [{ messageId: 'msg_5f0c7c1c3b6a4a1f9d0e2b7a8c9d0e1f', ...delivery }],
    },
  });

/** `GET /api/video/webhooks` */
export const webhookDeliveriesOperation: ApiOperationSpec = {
  id: 'listWebhookDeliveries',
  tag: 'webhooks',
  summary: { en: 'What became of the webhook of a job', zh: '查询任务的 Webhook 投递情况' },
  auth: 'apiKey',
  parameters: [
    {
      name: 'jobId',
      in: 'query',
      required: true,
      description: { en: 'The job, of a video or of pictures.', zh: '视频或图片任务的 ID。' },
      schema: { type: 'string' },
      example: JOB_ID,
    },
  ],
  responses: {
    200: {
      description: { en: 'The messages about the job.', zh: '该任务的消息。' },
      content: [
        deliveries(
          { en: 'Tried twice', zh: '已尝试两次' },
          {
            status: 'pending',
            attempts: 2,
            lastStatus: 503,
            lastError: 'the receiver answered 503',
            nextAttemptAt: '2026-11-26T08:31:07.000Z',
            deliveredAt: null,
            createdAt: '2026-11-26T08:30:31.000Z',
          },
        ),
      ],
    },
    ...restErrors(400, 401, 403, 404, 429, 500, 503),
  },
  curl: `curl "{origin}/api/video/webhooks?jobId=${JOB_ID}" \\
  -H "Authorization: Bearer {key}"`,
};

/** `POST /api/video/webhooks/redeliver` */
export const redeliverWebhookOperation: ApiOperationSpec = {
  id: 'redeliverWebhook',
  tag: 'webhooks',
  summary: { en: 'Have the webhook of a job sent again', zh: '重新投递任务的 Webhook' },
  description: {
    en: 'Sends the message now, with the same `webhook-id` and fresh links, and tries for another 24 hours. 409 `job_not_finished` or `no_webhook` when there is no message.',
    zh: '立即以相同的 `webhook-id` 和新的下载链接重新发送，并在接下来的 24 小时内重试。没有可发送的消息时返回 409 `job_not_finished` 或 `no_webhook`。',
  },
  auth: 'apiKey',
  body: {
    content: [json('WebhookRedeliveryRequest', 'job', { en: 'A job', zh: '任务' }, { jobId: JOB_ID })],
  },
  responses: {
    200: {
      description: { en: 'It is on its way.', zh: '已安排发送。' },
      content: [
        deliveries(
          { en: 'Due now', zh: '即将发送' },
          {
            status: 'pending',
            attempts: 0,
            lastStatus: 503,
            lastError: 'the receiver answered 503',
            nextAttemptAt: '2026-11-27T09:00:00.000Z',
            deliveredAt: null,
            createdAt: '2026-11-26T08:30:31.000Z',
          },
        ),
      ],
    },
    ...restErrors(400, 401, 403, 404, 409, 413, 415, 429, 500, 503),
  },
  curl: `curl -X POST "{origin}/api/video/webhooks/redeliver" \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"jobId":"${JOB_ID}"}'`,
};
