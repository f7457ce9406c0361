import type { ApiHeader, ApiParameter, ApiResponse, LocalizedText } from '../../common/api-operation.decorator.js';
import { ref } from '../schemas/schema-helpers.js';

/** What each status means on any endpoint. The error table of the reference page lists the same texts. */
export const STATUS_MEANINGS: Readonly<Record<number, LocalizedText>> = {
  200: { en: 'Success.', zh: '请求成功' },
  400: { en: 'A parameter is wrong; see `message`.', zh: '请求参数错误，见 `message` 字段' },
  401: {
    en: 'No API key, or one that is malformed, unknown or expired (`invalid_api_key`).',
    zh: '未认证，或 API Key 格式错误、无效、已过期（`invalid_api_key`）',
  },
  402: {
    en: 'The quota of the account, or the budget of the key, does not cover the request.',
    zh: '账户额度或 Key 预算不足',
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
  529: { en: 'Overloaded, or not available at the moment; try again later.', zh: '过载或服务暂不可用，请稍后重试' },
  504: { en: 'The provider did not answer in time.', zh: '上游响应超时' },
};

/** Headers of every answer of a relay route that asks a provider, refusals too. */
export const ROUTE_HEADERS: Readonly<Record<string, ApiHeader>> = {
  'x-hub-attempts': {
    description: {
      en: 'How many attempts at providers were made; of a stream, until it began.',
      zh: '向上游尝试的次数；流式回答为开始输出之前的次数。',
    },
    schema: { type: 'integer', minimum: 0 },
  },
  'x-hub-model': {
    description: {
      en: 'The model that served: the one asked for, or a fallback. Absent when none was asked.',
      zh: '实际提供服务的模型：所请求的模型或其备用模型；未尝试任何上游时不返回。',
    },
    schema: { type: 'string' },
  },
  'x-hub-added-ms': {
    description: {
      en: 'Milliseconds that the hub itself took, before and between attempts.',
      zh: '网关自身（首次尝试之前及各次尝试之间）的耗时，单位毫秒。',
    },
    schema: { type: 'number', minimum: 0 },
  },
};

/** Keeps the requests of one conversation with the provider that has its beginning in its cache. */
export const SESSION_PARAMETER: ApiParameter = {
  name: 'x-session-id',
  in: 'header',
  description: {
    en: 'A name of your conversation. Its requests stay with one provider where they can, which makes use of its prompt cache; `prompt_cache_key` in the body goes before it.',
    zh: '会话名称。同一会话的请求尽量交给同一上游，以便命中其提示词缓存；请求体中的 `prompt_cache_key` 优先。',
  },
  schema: { type: 'string' },
};

function errorResponses(
  statuses: readonly number[],
  schemaName: string,
  headers?: ApiResponse['headers'],
): Record<number, ApiResponse> {
  const content = [{ type: 'application/json', schema: ref(schemaName) }];
  return Object.fromEntries(
    statuses.map((status) => {
      const description = STATUS_MEANINGS[status];
      if (!description) throw new Error(`status ${status} has no meaning in STATUS_MEANINGS`);
      return [status, { description, headers, content }];
    }),
  );
}

/** Refusals of a relay route, in OpenAI's envelope. */
export function relayErrors(...statuses: readonly number[]): Record<number, ApiResponse> {
  return errorResponses(statuses, 'OpenAiError');
}

/** Refusals of a route for Anthropic's clients, in that vendor's envelope. */
export function anthropicErrors(...statuses: readonly number[]): Record<number, ApiResponse> {
  return errorResponses(statuses, 'AnthropicError');
}

/** Refusals of every other REST route. */
export function restErrors(...statuses: readonly number[]): Record<number, ApiResponse> {
  return errorResponses(statuses, 'RestError');
}

/** Refusals of a relay route that sends a body to a provider. */
export const generationErrors: Readonly<Record<number, ApiResponse>> = {
  ...relayErrors(401, 413, 415, 500),
  ...errorResponses([400, 403, 404, 429, 502, 503, 504], 'OpenAiError', ROUTE_HEADERS),
};
