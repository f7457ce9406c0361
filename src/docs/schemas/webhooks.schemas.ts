import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { choice, described, integer, ref, text } from './schema-helpers.js';

const success = (data: JsonSchema): JsonSchema => ({
  type: 'object',
  required: ['success', 'data'],
  properties: { success: { const: true }, data },
});

const time = (en: string, zh: string): JsonSchema => described({ type: 'string', format: 'date-time' }, en, zh);

const timeOrNull = (en: string, zh: string): JsonSchema =>
  described({ type: ['string', 'null'], format: 'date-time' }, en, zh);

const jobId = text('The job, as its submission answered.', '提交时返回的任务 ID。');

/** Schemas of the routes about webhooks. */
export const webhooksSchemas: Readonly<Record<string, JsonSchema>> = {
  WebhookSecret: success({
    type: 'object',
    required: ['secret', 'createdAt', 'previousValidUntil'],
    properties: {
      secret: text(
        '`whsec_` and base64. Its bytes are the key of the HMAC-SHA-256 in `webhook-signature`.',
        '`whsec_` 加 base64；解码后的字节即 `webhook-signature` 中 HMAC-SHA-256 的密钥。',
      ),
      createdAt: time('When it was made.', '创建时间。'),
      previousValidUntil: timeOrNull(
        'Until when messages carry a signature of the secret before it as well; null otherwise.',
        '在此之前消息同时带有旧密钥的签名；没有旧密钥时为 null。',
      ),
    },
  }),
  WebhookRedeliveryRequest: { type: 'object', required: ['jobId'], properties: { jobId } },
  WebhookDelivery: {
    type: 'object',
    required: [
      'messageId',
      'status',
      'attempts',
      'lastStatus',
      'lastError',
      'nextAttemptAt',
      'deliveredAt',
      'createdAt',
    ],
    properties: {
      messageId: text('The header `webhook-id`: the same in every attempt.', '即请求头 `webhook-id`，每次重试都相同。'),
      status: choice(
        ['pending', 'delivered', 'failed'],
        '`pending`: it will be tried, or tried again; `failed`: it was given up.',
        '`pending`：等待发送或重试；`failed`：已放弃。',
      ),
      attempts: integer(
        'Attempts since the message was made, or redelivery was asked for.',
        '自消息产生或请求重新投递以来的发送次数。',
        { minimum: 0 },
      ),
      lastStatus: described(
        { type: ['integer', 'null'] },
        'HTTP status that the receiver answered last; null when it did not.',
        '接收方最近一次返回的 HTTP 状态码；无响应时为 null。',
      ),
      lastError: described(
        { type: ['string', 'null'] },
        'Why the last attempt failed; null after a success.',
        '最近一次失败的原因；成功后为 null。',
      ),
      nextAttemptAt: timeOrNull('When it is tried again.', '下一次发送的时间。'),
      deliveredAt: timeOrNull('When the receiver last took it.', '接收方最近一次成功接收的时间。'),
      createdAt: time('When the job was over.', '任务结束的时间。'),
    },
  },
  WebhookDeliveries: success({
    type: 'object',
    required: ['jobId', 'deliveries'],
    properties: {
      jobId,
      deliveries: described(
        { type: 'array', items: ref('WebhookDelivery') },
        'Empty while the job is not over, and for a job without `webhookUrl`.',
        '任务未结束或未设置 `webhookUrl` 时为空。',
      ),
    },
  }),
};
