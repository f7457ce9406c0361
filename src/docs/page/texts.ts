import type { LocalizedText } from '../../common/api-operation.decorator.js';
import type { Language } from './language.js';

const texts = {
  product: { en: 'UG AI Hub', zh: 'UG AI 中心' },
  title: { en: 'API documentation', zh: 'API 文档' },
  reference: { en: 'API reference', zh: '接口参考' },
  referenceText: {
    en: 'Every endpoint with its fields, answers and examples, generated from the OpenAPI document.',
    zh: '由 OpenAPI 文档生成：全部接口的字段、响应与示例。',
  },
  guideTab: { en: 'Guide', zh: 'API 文档' },
  referenceTab: { en: 'Reference', zh: '接口参考' },
  pages: { en: 'Pages', zh: '页面' },
  language: { en: 'Language', zh: '语言' },
  keyFieldNote: {
    en: 'Stays in the memory of this page and is filled into every sample.',
    zh: '仅保存在本页面内存中，并会填入所有示例。',
  },
  navigation: { en: 'Sections', zh: '目录' },
  skip: { en: 'Skip to content', zh: '跳到正文' },
  copy: { en: 'Copy', zh: '复制' },
  copied: { en: 'Copied', zh: '已复制' },
  baseUrl: { en: 'Address', zh: '接口地址' },
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
  download: { en: 'OpenAPI 3.1 document', zh: 'OpenAPI 3.1 文档' },
} satisfies Readonly<Record<string, LocalizedText>>;

/** The names of the page's texts. */
export type Texts = Readonly<Record<keyof typeof texts, string>>;

function inLanguage(language: Language): Texts {
  const entries = Object.entries(texts).map(([name, text]) => [name, text[language]]);
  return Object.fromEntries(entries);
}

/** Every text of the page by its name, for each language. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en: inLanguage('en'), zh: inLanguage('zh') };
