import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { modelSchemas } from './model.schemas.js';
import { choice, described, integer, ref, text } from './schema-helpers.js';

const code = text('Stable; branch on this.', '稳定的错误代码，程序应据此判断。');
const message = text('What went wrong and what to do, for people.', '面向人的说明：出了什么问题、如何处理。');

/** Schemas of the model list, health and the two error envelopes. */
export const serviceSchemas: Readonly<Record<string, JsonSchema>> = {
  Model: {
    type: 'object',
    required: ['id', 'object', 'created', 'owned_by', 'hub'],
    properties: {
      id: text('Goes into the `model` field of a request.', '用作请求中的 `model` 字段。'),
      object: { const: 'model' },
      created: integer('Unix time in seconds.', 'Unix 时间戳（秒）。'),
      owned_by: { type: 'string' },
      hub: ref('ModelHub'),
    },
  },
  ...modelSchemas,
  ModelList: {
    type: 'object',
    required: ['object', 'data'],
    properties: { object: { const: 'list' }, data: { type: 'array', items: ref('Model') } },
  },
  Health: {
    type: 'object',
    required: ['status', 'checks'],
    properties: {
      status: choice(['ok', 'error'], 'The service as a whole.', '整体状态。'),
      checks: described(
        {
          type: 'object',
          required: ['db', 'redis'],
          properties: {
            db: { type: 'string', enum: ['ok', 'error'] },
            redis: choice(
              ['ok', 'error', 'disabled'],
              '`disabled` when the hub runs without Redis.',
              '未配置 Redis 时为 `disabled`。',
            ),
          },
        },
        'What the service depends on.',
        '各依赖项的状态。',
      ),
    },
  },
  Probe: {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', enum: ['ok', 'error'] } },
  },
  OpenAiError: {
    type: 'object',
    required: ['error', 'message'],
    properties: {
      error: {
        type: 'object',
        required: ['message', 'type', 'param', 'code'],
        properties: {
          message,
          type: text('Family of the error.', '错误类别。'),
          param: described({ type: ['string', 'null'] }, 'The field at fault.', '出错的字段。'),
          code: described({ type: ['string', 'null'] }, 'Stable; branch on this.', '稳定的错误代码，程序应据此判断。'),
        },
      },
      message: text('The same as `error.message`.', '与 `error.message` 相同。'),
    },
  },
  RestError: {
    type: 'object',
    required: ['success', 'message', 'code'],
    properties: { success: { const: false }, message, code },
  },
};
