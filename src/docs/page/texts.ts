import type { LocalizedText } from '../../common/api-operation.decorator.js';
import type { Language } from './language.js';

const texts = {
  product: { en: 'UG AI Hub', zh: 'UG AI 中心' },
  title: { en: 'API reference', zh: 'API 文档' },
  navigation: { en: 'Sections', zh: '目录' },
  skip: { en: 'Skip to content', zh: '跳到正文' },
  copy: { en: 'Copy', zh: '复制' },
  copied: { en: 'Copied', zh: '已复制' },
  baseUrl: { en: 'Base URL', zh: '接口地址' },
  quickStart: { en: 'Quick start', zh: '快速接入' },
  quickStartLead: {
    en: 'Three steps to the first video. Chat, pictures and embeddings answer at once: see their endpoints.',
    zh: '3 步生成第一个视频。聊天、图片与嵌入接口直接返回结果，见下方各接口。',
  },
  stepKey: { en: 'Get an API key', zh: '获取 API Key' },
  stepKeyText: {
    en: 'The hub prints one on its first start. Whoever runs it makes more with `npm run hub -- key:create`. A key is shown in full only once: keep it.',
    zh: '首次启动时会打印一个 Key；管理员可用 `npm run hub -- key:create` 创建更多。完整密钥仅显示一次，请妥善保存。',
  },
  stepSend: { en: 'Submit a job', zh: '提交生成任务' },
  stepSendText: {
    en: '`POST /api/video/submit` with the header `Authorization: Bearer sk_live_...` answers a `jobId`.',
    zh: '`POST /api/video/submit`，带上 `Authorization: Bearer sk_live_...`，返回 `jobId`。',
  },
  stepRead: { en: 'Ask for its state', zh: '轮询任务状态' },
  stepReadText: {
    en: '`GET /api/video/status?jobId=...`; once `status` is `succeeded`, take `resultUrl`.',
    zh: '`GET /api/video/status?jobId=...`，`status` 为 `succeeded` 时取 `resultUrl`。',
  },
  tryIt: { en: 'Try it', zh: '在线试用' },
  tryItLead: {
    en: 'The key stays in the memory of this page. It is also filled into every sample below, ready to copy.',
    zh: 'Key 仅保存在本页面内存中，并会自动填入下方所有示例，便于复制。',
  },
  tryKey: { en: 'API key', zh: 'API Key' },
  tryModel: { en: 'Model', zh: '模型' },
  tryMessage: { en: 'Message', zh: '消息' },
  tryMessageDefault: { en: 'Say hello in three languages.', zh: '用三种语言说你好。' },
  trySend: { en: 'Send', zh: '发送' },
  tryStop: { en: 'Stop', zh: '停止' },
  tryAnswer: { en: 'The answer streams in here.', zh: '回答将在此处流式显示。' },
  tryCut: { en: 'The stream ended before it was complete.', zh: '流在完成之前中断。' },
  authentication: { en: 'Authentication', zh: '认证方式' },
  authenticationText: {
    en: 'Every endpoint marked with a key needs your API key in a request header. Keep it on your server: whoever has the key spends your quota.',
    zh: '所有标有 API Key 的公开接口都需要在请求头带上 API Key。请仅在服务端保存：持有 Key 即可使用您的配额。',
  },
  header: { en: 'Request header', zh: '请求头' },
  endpoints: { en: 'Endpoints', zh: '公开接口' },
  needsKey: { en: 'API key', zh: 'API Key' },
  needsNothing: { en: 'No key needed', zh: '无需认证' },
  parameters: { en: 'Parameters', zh: '参数' },
  requestFields: { en: 'Request fields', zh: '请求字段' },
  responseFields: { en: 'Response fields', zh: '响应字段' },
  request: { en: 'Request body', zh: '请求体' },
  response: { en: 'Response', zh: '响应体' },
  statuses: { en: 'Other answers', zh: '其他状态码' },
  required: { en: 'required', zh: '必填' },
  standard: { en: 'default', zh: '默认' },
  streaming: { en: 'Streaming (SSE)', zh: '流式输出 (SSE)' },
  streamingText: {
    en: 'Chat completions can be streamed as server-sent events: set `stream: true`.',
    zh: '聊天补全接口支持 SSE（Server-Sent Events）流式传输，设置 `stream: true` 即可。',
  },
  pythonStream: { en: 'Python (openai SDK)', zh: 'Python（openai SDK）' },
  sdks: { en: 'SDKs', zh: 'SDK 下载' },
  sdksText: {
    en: 'The official OpenAI SDKs work as they are: change the base URL and the key.',
    zh: '直接使用官方 OpenAI SDK，只需修改地址与 Key，零成本迁移。',
  },
  install: { en: 'Install', zh: '安装' },
  use: { en: 'Use', zh: '使用' },
  errors: { en: 'Error codes', zh: '错误码' },
  status: { en: 'HTTP status', zh: 'HTTP 状态码' },
  meaning: { en: 'Meaning', zh: '说明' },
  relayError: { en: 'Routes under /api/relay/v1', zh: '/api/relay/v1 下的接口' },
  restError: { en: 'Other REST routes', zh: '其他 REST 接口' },
  guides: { en: 'Guides', zh: '指南' },
  download: { en: 'OpenAPI 3.1 document', zh: 'OpenAPI 3.1 文档' },
} satisfies Readonly<Record<string, LocalizedText>>;

/** The names of the page's texts. */
export type Texts = Readonly<Record<keyof typeof texts, string>>;

/** Bullet points below the streaming samples. */
export const STREAMING_NOTES: readonly LocalizedText[] = [
  {
    en: 'The format is OpenAI’s: each event is one `data: {...}` followed by an empty line.',
    zh: '流式响应格式完全兼容 OpenAI SSE 格式（`data: {...}`）',
  },
  {
    en: '`choices[0].delta.content` of each chunk carries the added text.',
    zh: '每个 chunk 中 `choices[0].delta.content` 包含增量文本',
  },
  { en: 'A complete stream ends with `data: [DONE]`.', zh: '流正常结束时发送 `data: [DONE]`' },
  {
    en: 'When the provider fails half way, the last event is `data: {"error": {...}}` and no `[DONE]` follows: what came before is incomplete.',
    zh: '上游中途失败时，最后一个事件为 `data: {"error": {...}}`，且不再发送 `[DONE]`：已收到的内容不完整',
  },
  {
    en: 'Lines that begin with a colon are comments that keep the connection open; skip them.',
    zh: '以冒号开头的行是保持连接的注释，忽略即可',
  },
  {
    en: 'The EventSource built into browsers cannot send the `Authorization` header; use fetch, or a client that can.',
    zh: '建议使用 fetch + ReadableStream 而非浏览器原生 EventSource(后者不支持自定义 Header)',
  },
];

/** Bullet points below the error table. */
export const ERROR_NOTES: readonly LocalizedText[] = [
  { en: 'Branch on `code`, never on the text of `message`.', zh: '程序请依据 `code` 判断，不要解析 `message` 文本' },
  {
    en: 'Every answer carries `x-request-id`; name it when you ask for help.',
    zh: '每个响应都带有 `x-request-id`，反馈问题时请一并提供',
  },
  {
    en: '`Retry-After` says how many seconds to wait; `x-should-retry: false` says that a retry cannot help. The official SDKs follow both.',
    zh: '`Retry-After` 给出应等待的秒数；`x-should-retry: false` 表示重试无效。官方 SDK 会自动遵循',
  },
];

function inLanguage(language: Language): Texts {
  const entries = Object.entries(texts).map(([name, text]) => [name, text[language]]);
  return Object.fromEntries(entries);
}

/** Every text of the page by its name, for each language. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en: inLanguage('en'), zh: inLanguage('zh') };
