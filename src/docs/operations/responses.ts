import type { ApiResponse, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';

/** What each status means on any endpoint. The error table of the reference page lists the same texts. */
export const STATUS_MEANINGS: Readonly<Record<number, LocalizedText>> = {
  200: { en: 'Success.', zh: '请求成功' },
  400: { en: 'A parameter is wrong; see `message`.', zh: '请求参数错误，见 `message` 字段' },
  401: {
    en: 'No API key, or one that is malformed, unknown or expired (`invalid_api_key`).',
    zh: '未认证，或 API Key 格式错误、无效、已过期（`invalid_api_key`）',
  },
  403: {
    en: 'Not allowed: the key was revoked (`key_revoked`), the quota is used up (`insufficient_quota`), or the key may not use this.',
    zh: '无权限：Key 已吊销（`key_revoked`）、超额度（`insufficient_quota`）等',
  },
  404: {
    en: 'No such route, model (`model_not_found`) or job (`job_not_found`).',
    zh: '接口、模型（`model_not_found`）或任务（`job_not_found`）不存在',
  },
  405: { en: 'The route exists, but not with this method.', zh: '接口存在，但不支持该请求方法' },
  408: { en: 'The request took too long to arrive.', zh: '请求发送超时' },
  409: { en: 'The request contradicts an earlier one.', zh: '与先前的请求冲突' },
  410: { en: 'It was there, and has been deleted since.', zh: '内容已过期删除' },
  413: { en: 'The request body is too large.', zh: '请求体过大' },
  414: { en: 'The address is too long.', zh: '请求地址过长' },
  415: { en: 'The content type is not one that this endpoint reads.', zh: '不支持的 Content-Type' },
  422: { en: 'Well-formed, but it cannot be processed.', zh: '格式正确但无法处理' },
  426: { en: 'The connection cannot be upgraded here.', zh: '不支持的协议升级' },
  429: {
    en: 'Too many requests; wait for `Retry-After` seconds.',
    zh: '请求频率超限，请按 `Retry-After` 秒数后重试',
  },
  431: { en: 'The request headers are too large.', zh: '请求头过大' },
  500: { en: 'A fault inside the hub.', zh: '服务器内部错误' },
  502: { en: 'The provider answered with an error or with nonsense.', zh: '上游返回错误或无效响应' },
  503: { en: 'Not available at the moment; try again later.', zh: '服务暂不可用，请稍后重试' },
  504: { en: 'The provider did not answer in time.', zh: '上游响应超时' },
};

function errorResponses(statuses: readonly number[], schemaName: string): Record<number, ApiResponse> {
  const content = [{ type: 'application/json', schema: ref(schemaName) }];
  return Object.fromEntries(
    statuses.map((status) => {
      const description = STATUS_MEANINGS[status];
      if (!description) throw new Error(`status ${status} has no meaning in STATUS_MEANINGS`);
      return [status, { description, content }];
    }),
  );
}

/** Refusals of a relay route, in OpenAI's envelope. */
export function relayErrors(...statuses: readonly number[]): Record<number, ApiResponse> {
  return errorResponses(statuses, 'OpenAiError');
}

/** Refusals of every other REST route. */
export function restErrors(...statuses: readonly number[]): Record<number, ApiResponse> {
  return errorResponses(statuses, 'RestError');
}

/** Refusals of a relay route that sends a body to a provider. */
export const generationErrors: Readonly<Record<number, ApiResponse>> = relayErrors(
  400,
  401,
  403,
  404,
  413,
  415,
  429,
  500,
  502,
  503,
  504,
);
