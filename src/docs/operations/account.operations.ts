import type {
  ApiContent,
  ApiOperationSpec,
  ApiParameter,
  LocalizedText,
} from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';
import { restErrors } from './responses.js';

const json = (schemaName: string, name: string, summary: LocalizedText, value: unknown): ApiContent => ({
  type: 'application/json',
  schema: ref(schemaName),
  examples: [{ name, summary, value }],
});

/** `GET /api/user/quota` */
export const quotaOperation: ApiOperationSpec = {
  id: 'getQuota',
  tag: 'account',
  summary: { en: 'Your current quota', zh: '查询当前用户配额余额' },
  description: {
    en: 'The answer has three more fields than the example: `heldQuota`, the `exact` amounts, and the `budget` of the API key.',
    zh: '除示例中的字段外，响应还包含 `heldQuota`、精确数额 `exact`，以及该 API Key 的额度 `budget`。',
  },
  auth: 'apiKey',
  responses: {
    200: {
      description: { en: 'The quota of the account that the key belongs to.', zh: 'API Key 所属账户的配额。' },
      content: [
        json(
          'Quota',
          'quota',
          { en: 'Quota', zh: '配额' },
          { success: true, data: { totalQuota: 10000, usedQuota: 3500, remainingQuota: 6500 } },
        ),
      ],
    },
    ...restErrors(401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/user/quota" \\
  -H "Authorization: Bearer {key}"`,
};

/** `POST /api/user/redemption` */
export const redemptionOperation: ApiOperationSpec = {
  id: 'redeemCode',
  tag: 'account',
  summary: { en: 'Redeem a code for quota', zh: '使用兑换码充值配额' },
  description: {
    en: 'Each account can redeem a code once: again answers 409 `code_already_redeemed`. Every other code that cannot be redeemed answers 400 `code_invalid`; after ten of those in ten minutes, 429.',
    zh: '每个账户对同一兑换码只能使用一次，重复使用返回 409 `code_already_redeemed`；其他无法兑换的情况均返回 400 `code_invalid`，10 分钟内超过 10 次则返回 429。',
  },
  auth: 'apiKey',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      description: {
        en: 'Of your choice, 1 to 255 printable ASCII characters. The same request with the same key within 24 hours gets the same answer, with the header `Idempotent-Replayed: true`; another request with it gets 422.',
        zh: '自行选定，1 至 255 个可打印 ASCII 字符。24 小时内以相同的 key 重发同一请求，将得到同样的响应，并带有 `Idempotent-Replayed: true` 响应头；用于其他请求则返回 422。',
      },
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      example: '8e03978e-40d5-43e8-bc93-6894a57f9324',
    },
  ],
  body: {
    content: [json('RedemptionRequest', 'code', { en: 'A code', zh: '兑换码' }, { code: 'REDEEM-XXXX-XXXX' })],
  },
  responses: {
    200: {
      description: { en: 'The quota has been added.', zh: '配额已增加。' },
      content: [
        json(
          'Redemption',
          'redeemed',
          { en: 'Redeemed', zh: '兑换成功' },
          { success: true, data: { addedQuota: 5000, totalQuota: 15000 } },
        ),
      ],
    },
    ...restErrors(400, 401, 403, 409, 413, 415, 422, 429, 500, 503),
  },
  curl: `curl -X POST {origin}/api/user/redemption \\
  -H "Authorization: Bearer {key}" \\
  -H "Content-Type: application/json" \\
  -d '{"code":"REDEEM-XXXX-XXXX"}'`,
};

const time = (name: string, en: string, zh: string): ApiParameter => ({
  name,
  in: 'query',
  description: {
    en: `${en} A date (in UTC) or a time with its zone.`,
    zh: `${zh}日期（UTC）或带时区的时间。`,
  },
  schema: { type: 'string' },
  example: name === 'from' ? '2026-11-01' : '2026-12-01',
});

/** `GET /api/user/ledger` */
export const ledgerOperation: ApiOperationSpec = {
  id: 'listLedger',
  tag: 'account',
  summary: { en: 'What moved your quota', zh: '查询配额变动明细' },
  description: {
    en: 'Every top-up, redeemed code, correction and cost of a request, newest first. As CSV (`format=csv`, or the header `Accept: text/csv`) an answer has up to 100,000 rows; narrow `from` and `to` for more.',
    zh: '列出每一笔充值、兑换、更正与请求费用，按时间倒序。以 CSV 格式（`format=csv` 或 `Accept: text/csv`）返回时最多 100,000 行，更多数据请缩小 `from` 与 `to` 的范围。',
  },
  auth: 'apiKey',
  parameters: [
    {
      name: 'limit',
      in: 'query',
      description: {
        en: 'Entries of a page, 1 to 100; of CSV the rows, up to 100,000.',
        zh: '每页条数，1 至 100；CSV 为行数，最多 100,000。',
      },
      schema: { type: 'integer', minimum: 1, default: 50 },
    },
    {
      name: 'after',
      in: 'query',
      description: { en: 'The `nextCursor` of the page before.', zh: '上一页返回的 `nextCursor`。' },
      schema: { type: 'string' },
    },
    {
      name: 'kind',
      in: 'query',
      description: { en: 'Only entries of this kind.', zh: '仅列出该类型。' },
      schema: {
        type: 'string',
        enum: ['topup', 'grant', 'redeem', 'adjust', 'refund', 'settle', 'late', 'expire'],
      },
      example: 'redeem',
    },
    time('from', 'The first moment.', '起始时间（含）。'),
    time('to', 'The first moment that is left out.', '结束时间（不含）。'),
    {
      name: 'format',
      in: 'query',
      description: { en: '`json`, or `csv` for spreadsheets.', zh: '`json`，或供表格软件使用的 `csv`。' },
      schema: { type: 'string', enum: ['json', 'csv'], default: 'json' },
    },
  ],
  responses: {
    200: {
      description: { en: 'The entries.', zh: '变动明细。' },
      content: [
        json(
          'Ledger',
          'entries',
          { en: 'A code and a request', zh: '一次兑换与一次请求' },
          {
            success: true,
            data: {
              items: [
                {
                  id: '1042',
                  kind: 'settle',
                  amount: '-0.000525',
                  ref: 'req_0198f2c1a7b47c3e9d5f6a8b0c1d2e3f',
                  reason: null,
                  createdAt: '2026-11-26T08:31:07.412Z',
                },
                {
                  id: '1041',
                  kind: 'redeem',
                  amount: '5',
                  quota: 5000,
                  ref: '7:1000',
                  reason: 'Redemption code ending in 7K2M',
                  createdAt: '2026-11-26T08:30:00.000Z',
                },
              ],
              nextCursor: null,
            },
          },
        ),
        {
          type: 'text/csv',
          schema: { type: 'string' },
          examples: [
            {
              name: 'csv',
              summary: { en: 'As CSV', zh: 'CSV 格式' },
              value:
                'id,kind,amount,quota,ref,reason,createdAt\r\n1041,redeem,5,5000,7:1000,Redemption code ending in 7K2M,2026-11-26T08:30:00.000Z\r\n',
            },
          ],
        },
      ],
    },
    ...restErrors(400, 401, 403, 429, 500, 503),
  },
  curl: `curl "{origin}/api/user/ledger?limit=20" \\
  -H "Authorization: Bearer {key}"`,
};
