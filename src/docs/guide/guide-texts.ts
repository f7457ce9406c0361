import type { LocalizedText } from '../../common/api-operation.decorator.js';

/**
 * The words of the guide. Where the API document has a sentence, the Chinese is that sentence letter for letter and the English
 * its translation; what the product adds has names that begin with `more` or end with `Note`.
 */
export const GUIDE = {
  quickStart: { en: 'Quick start (3 steps)', zh: '快速接入 (3 步)' },
  stepKey: { en: 'Get an API key', zh: '获取 API Key' },
  stepKeyText: {
    en: 'Sign in to the admin backend → Key management → Create key, and copy the whole key (it is shown only once)',
    zh: '登录管理后台 → Key 管理 → 创建 Key,复制完整密钥(仅显示一次)',
  },
  stepKeyNote: {
    en: 'The admin backend is at `/graphql`. The first start of a hub prints a key as well, and so does `npm run hub -- key:create`.',
    zh: '管理后台位于 `/graphql`。首次启动时也会打印一个 Key；还可用 `npm run hub -- key:create` 创建。',
  },
  stepSend: { en: 'Submit a generation job', zh: '提交生成任务' },
  stepSendText: {
    en: '`POST /api/video/submit` with `Authorization: Bearer sk_xxx` returns a `jobId`',
    zh: '`POST /api/video/submit`,带上 `Authorization: Bearer sk_xxx`,返回 `jobId`',
  },
  stepRead: { en: 'Poll the state of the job', zh: '轮询任务状态' },
  stepReadText: {
    en: '`GET /api/video/status?jobId=xxx`; when `status` is `succeeded`, take `resultUrl`',
    zh: '`GET /api/video/status?jobId=xxx`,`status` 为 `succeeded` 时取 `resultUrl`',
  },
  authentication: { en: 'Authentication', zh: '认证方式' },
  authenticationKey: { en: 'API key (public endpoints)', zh: 'API Key(公开接口)' },
  authenticationText: {
    en: 'Every public endpoint needs the API key in a request header:',
    zh: '所有公开接口需要在请求头带上 API Key:',
  },
  authenticationNote: {
    en: 'Keep the key on your server: whoever has it spends your quota.',
    zh: '请仅在服务端保存 Key：持有 Key 即可使用您的配额。',
  },
  endpoints: { en: 'Public endpoints', zh: '公开接口' },
  endpointsText: { en: 'Authenticated with an API key', zh: '使用 API Key 认证' },
  fieldsNote: { en: 'All fields and answers', zh: '全部字段与状态码' },
  request: { en: 'Request body', zh: '请求体' },
  response: { en: 'Response body', zh: '响应体' },
  curl: { en: 'curl example', zh: 'curl 示例' },
  streaming: { en: 'Streaming (SSE)', zh: '流式输出 (SSE)' },
  streamingText: {
    en: 'The chat completion endpoint can stream by SSE (Server-Sent Events): set `stream: true`.',
    zh: '聊天补全接口支持 SSE(Server-Sent Events)流式传输,设置 `stream: true` 即可。',
  },
  javascript: {
    en: 'JavaScript / TypeScript (fetch + ReadableStream)',
    zh: 'JavaScript / TypeScript(fetch + ReadableStream)',
  },
  python: { en: 'Python (openai SDK)', zh: 'Python(openai SDK)' },
  notes: { en: 'Notes', zh: '说明' },
  sturdyNote: { en: 'For production', zh: '用于生产环境' },
  sturdyTextNote: {
    en: 'The loop above takes every read for whole lines, which a network does not promise. These wait for the end of each event and tell a stream that broke off from one that is complete.',
    zh: '上面的循环假定每次读取都是完整的行，而网络并不保证这一点。以下写法等到每个事件结束再解析，并能区分中断的流与完整的流。',
  },
  sturdyFetchNote: { en: 'fetch, whole events', zh: 'fetch，按完整事件解析' },
  sturdyEventSourceNote: { en: 'EventSource that can send the header', zh: '可发送请求头的 EventSource' },
  sdks: { en: 'SDK downloads', zh: 'SDK 下载' },
  sdksText: {
    en: 'Built on the OpenAI SDKs: nothing to migrate.',
    zh: '基于 OpenAI SDK 封装,零成本迁移。',
  },
  install: { en: 'Install', zh: '安装' },
  use: { en: 'Use', zh: '使用' },
  errors: { en: 'Error codes', zh: '错误码' },
  status: { en: 'HTTP status', zh: 'HTTP 状态码' },
  meaning: { en: 'Meaning', zh: '说明' },
  moreStatuses: { en: 'Also possible', zh: '其他可能的状态码' },
  relayErrorNote: { en: 'Routes under /api/relay/v1', zh: '/api/relay/v1 下的接口' },
  restErrorNote: { en: 'Other REST routes', zh: '其他 REST 接口' },
  more: { en: 'More of this hub', zh: '更多功能' },
  moreText: {
    en: 'What this hub offers beyond the endpoints above. Each link leads into the reference.',
    zh: '除上述接口外，本服务还提供以下功能，链接指向接口参考。',
  },
} satisfies Readonly<Record<string, LocalizedText>>;

/** The bullet points of the API document below the streaming samples. */
export const STREAMING_NOTES: readonly LocalizedText[] = [
  {
    en: 'The format of the stream is exactly OpenAI’s SSE format (`data: {...}`)',
    zh: '流式响应格式完全兼容 OpenAI SSE 格式(`data: {...}`)',
  },
  { en: 'The stream ends with `data: [DONE]`', zh: '流结束时发送 `data: [DONE]`' },
  {
    en: '`choices[0].delta.content` of each chunk holds the added text',
    zh: '每个 chunk 中 `choices[0].delta.content` 包含增量文本',
  },
  {
    en: 'Use fetch + ReadableStream rather than the native EventSource (which cannot send custom headers)',
    zh: '建议使用 fetch + ReadableStream 而非原生 EventSource(后者不支持自定义 Header)',
  },
];

/** What the product adds to {@link STREAMING_NOTES}. */
export const MORE_STREAMING_NOTES: readonly LocalizedText[] = [
  {
    en: 'When the provider fails half way, the last event is `data: {"error": {...}}` and no `[DONE]` follows: what came before is incomplete',
    zh: '上游中途失败时，最后一个事件为 `data: {"error": {...}}`，且不再发送 `[DONE]`：已收到的内容不完整',
  },
  {
    en: 'Lines that begin with a colon are comments that keep the connection open; skip them',
    zh: '以冒号开头的行是保持连接的注释，忽略即可',
  },
];

/** The error table of the API document; `detail` is what the product adds. */
export const DOCUMENT_STATUSES: readonly {
  readonly status: number;
  readonly meaning: LocalizedText;
  readonly detail?: LocalizedText;
}[] = [
  { status: 200, meaning: { en: 'The request succeeded', zh: '请求成功' } },
  {
    status: 400,
    meaning: { en: 'The request is wrong; see the field `message`', zh: '请求参数错误,见 `message` 字段' },
    detail: { en: '`param` names the field', zh: '`param` 指明出错的字段' },
  },
  {
    status: 401,
    meaning: { en: 'Not authenticated, or the token is invalid or expired', zh: '未认证或 Token 无效/过期' },
    detail: { en: '`invalid_api_key`', zh: '`invalid_api_key`' },
  },
  {
    status: 403,
    meaning: { en: 'Not allowed (key revoked, over quota and the like)', zh: '无权限(Key 已吊销、超额度等)' },
    detail: { en: '`key_revoked`, `insufficient_quota`', zh: '`key_revoked`、`insufficient_quota`' },
  },
  {
    status: 429,
    meaning: { en: 'Too many requests', zh: '请求频率超限' },
    detail: { en: 'Wait for the seconds of `Retry-After`', zh: '请等待 `Retry-After` 给出的秒数' },
  },
  { status: 500, meaning: { en: 'A fault inside the server', zh: '服务器内部错误' } },
];

/** Bullet points below the error table. */
export const ERROR_NOTES: readonly LocalizedText[] = [
  { en: 'Branch on `code`, never on the text of `message`.', zh: '程序请依据 `code` 判断，不要解析 `message` 文本' },
  {
    en: 'Every answer carries `x-request-id`; name it when you ask for help.',
    zh: '每个响应都带有 `x-request-id`，反馈问题时请一并提供',
  },
  {
    en: '`x-should-retry: false` says that a retry cannot help. The official SDKs follow it, and `Retry-After`.',
    zh: '`x-should-retry: false` 表示重试无效。官方 SDK 会自动遵循它与 `Retry-After`',
  },
];
