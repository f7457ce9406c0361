import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { choice, described, integer, ref, text } from './schema-helpers.js';

const credits = (en: string, zh: string): JsonSchema =>
  text(`${en} A decimal string of credits.`, `${zh}以 credit 计的十进制字符串。`);

const totalQuota = integer(
  'Everything the account was given and has used or still has: `usedQuota + remainingQuota`. Quota is counted in whole units; 1000 units are one credit.',
  '账户的总配额，等于 `usedQuota + remainingQuota`。配额按整数单位计，1000 单位为 1 credit。',
);

const success = (data: JsonSchema): JsonSchema => ({
  type: 'object',
  required: ['success', 'data'],
  properties: { success: { const: true }, data },
});

/** Schemas of the routes under /api/user. */
export const accountSchemas: Readonly<Record<string, JsonSchema>> = {
  Quota: success({
    type: 'object',
    required: ['totalQuota', 'usedQuota', 'remainingQuota'],
    properties: {
      totalQuota,
      usedQuota: integer(
        'What requests have cost, less refunds, rounded up.',
        '请求已消耗的配额（扣除退款），向上取整。',
      ),
      remainingQuota: integer(
        'What is left, rounded down. Requests that are running have not been taken off yet.',
        '剩余配额，向下取整；尚未扣除进行中请求所预留的部分。',
      ),
      heldQuota: integer('What running requests have reserved, rounded up.', '进行中请求预留的配额，向上取整。'),
      exact: described(
        {
          type: 'object',
          required: ['total', 'used', 'remaining', 'held'],
          properties: {
            total: credits('As `totalQuota`, exact.', '`totalQuota` 的精确值，'),
            used: credits('As `usedQuota`, exact.', '`usedQuota` 的精确值，'),
            remaining: credits('As `remainingQuota`, exact.', '`remainingQuota` 的精确值，'),
            held: credits('As `heldQuota`, exact.', '`heldQuota` 的精确值，'),
          },
        },
        'The same figures, not rounded.',
        '未取整的同样数值。',
      ),
      budget: described(
        { type: 'array', items: ref('KeyBudget') },
        'Limits of the API key that asked; empty when it has none of its own.',
        '所用 API Key 的额度限制；未设置时为空。',
      ),
    },
  }),
  KeyBudget: {
    type: 'object',
    required: ['period', 'timeZone', 'limit', 'used', 'pending', 'remaining', 'resetsAt'],
    properties: {
      period: choice(['total', 'day', 'month'], 'How long the limit counts.', '额度的计算周期。'),
      timeZone: text(
        'Where days and months begin, such as `Europe/Berlin`.',
        '日、月起点所用的时区，例如 `Asia/Shanghai`。',
      ),
      limit: credits('What the key may spend in a period.', '每个周期可用的额度，'),
      used: credits('Spent in this period.', '本周期已用，'),
      pending: credits('Reserved by running requests of the key.', '该 Key 进行中请求的预留，'),
      remaining: credits('What it may still spend.', '本周期剩余，'),
      resetsAt: described(
        { type: ['string', 'null'], format: 'date-time' },
        'When the next period begins; null for `total`.',
        '下一周期的开始时间；`total` 时为 null。',
      ),
    },
  },
  RedemptionRequest: {
    type: 'object',
    required: ['code'],
    properties: {
      code: text(
        'The code, in any case, with or without dashes; O counts as 0, I and L count as 1.',
        '兑换码。不区分大小写，连字符可省略；O 视为 0，I 和 L 视为 1。',
      ),
    },
  },
  Redemption: success({
    type: 'object',
    required: ['addedQuota', 'totalQuota'],
    properties: { addedQuota: integer('What the code was worth.', '本次兑换增加的配额。'), totalQuota },
  }),
  LedgerEntry: {
    type: 'object',
    required: ['id', 'kind', 'amount', 'ref', 'reason', 'createdAt'],
    properties: {
      id: { type: 'string' },
      kind: choice(
        ['topup', 'grant', 'redeem', 'adjust', 'refund', 'settle', 'late', 'expire'],
        'What moved the quota; `settle` is the cost of a request, `late` a cost that became known afterwards.',
        '变动类型；`settle` 为请求费用，`late` 为事后得知的费用。',
      ),
      amount: credits('Above zero it was added.', '正数为增加；'),
      quota: integer(
        'The amount in units, where it is a whole number of them.',
        '以配额单位计的数额，仅在其为整数时提供。',
      ),
      ref: text(
        'What it was for: the `x-request-id` of the request for `settle`.',
        '关联对象；`settle` 时为该请求的 `x-request-id`。',
      ),
      reason: described({ type: ['string', 'null'] }, 'A remark.', '备注。'),
      createdAt: described({ type: 'string', format: 'date-time' }, 'When it was booked.', '记账时间。'),
    },
  },
  Ledger: success({
    type: 'object',
    required: ['items', 'nextCursor'],
    properties: {
      items: described({ type: 'array', items: ref('LedgerEntry') }, 'Newest first.', '按时间倒序。'),
      nextCursor: described(
        { type: ['string', 'null'] },
        'Give this as `after` for the next page; null on the last one.',
        '作为 `after` 参数可取得下一页；最后一页为 null。',
      ),
    },
  }),
};
