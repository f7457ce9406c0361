import type { LocalizedText } from '../../common/api-operation.decorator.js';
import { codeBlock } from '../page/code-block.js';
import type { Endpoint } from '../page/endpoints.js';
import { heading } from '../page/heading.js';
import type { CodeLanguage } from '../page/highlight.js';
import { html, prose, type SafeHtml } from '../page/html.js';
import { type Language, localized } from '../page/language.js';
import type { PageLinks } from '../page/page-links.js';
import { GUIDE } from './guide-texts.js';
import { anthropicSample, anthropicToolsSample, pythonVideoSample } from './samples.js';

/** What the product offers beyond the API document. */
export interface MoreTopic {
  readonly id: string;
  readonly title: LocalizedText;
  readonly text: LocalizedText;
  /** Operations of the reference that it links to. The topic is shown when at least one of them is served. */
  readonly operationIds: readonly string[];
  /** The operation whose curl command is the topic's example, or an example of its own. */
  readonly sample?: string | { readonly language: CodeLanguage; readonly title: string; readonly code: SampleText };
}

type SampleText = (origin: string, key: string, language: Language) => string;

const submitWith = (header: string, body: string): SampleText => {
  const extra = header === '' ? '' : `\n  -H "${header}" \\`;
  return (origin, key) => `curl -X POST ${origin}/api/video/submit \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\${extra}
  -d '${body}'`;
};

/** The topics in the order of the page. */
export const MORE_TOPICS: readonly MoreTopic[] = [
  {
    id: 'responses',
    title: { en: 'OpenAI Responses', zh: 'OpenAI Responses 格式' },
    text: {
      en: 'Every chat model for `client.responses` of the official SDKs, whole and as a stream. Nothing is kept: send the whole conversation with each request, the output items of earlier answers included, and leave out `previous_response_id`.',
      zh: '所有聊天模型均可用官方 SDK 的 `client.responses` 调用，支持整段与流式。网关不保存状态：每次请求携带完整对话（包括此前回答的输出条目），不要使用 `previous_response_id`。',
    },
    operationIds: ['createResponse'],
    sample: 'createResponse',
  },
  {
    id: 'anthropic-sdk',
    title: { en: 'Anthropic SDKs', zh: 'Anthropic SDK' },
    text: {
      en: 'The Messages API for every chat model of the list: official SDKs need only another base URL and key.',
      zh: '以 Messages API 调用模型列表中的任意聊天模型：官方 SDK 只需更换 base URL 与 Key。',
    },
    operationIds: ['createMessage', 'countMessageTokens', 'listAnthropicModels', 'getAnthropicModel'],
    sample: { language: 'javascript', title: 'JavaScript', code: anthropicSample },
  },
  {
    id: 'anthropic-tools',
    title: { en: 'Claude command-line tools', zh: 'Claude 命令行工具' },
    text: {
      en: 'The same API for tools that are told by environment variables where to ask.',
      zh: '通过环境变量将命令行工具指向网关即可使用同一接口。',
    },
    operationIds: ['createMessage'],
    sample: { language: 'shell', title: 'Shell', code: anthropicToolsSample },
  },
  {
    id: 'video-jobs',
    title: { en: 'Video jobs', zh: '视频任务管理' },
    text: {
      en: 'List the jobs of the account, call one off, or have each change of state sent by SSE in place of polling. What each model can do, and its price, is a list of its own.',
      zh: '列出账户的任务、取消任务，或通过 SSE 接收状态变化而无需轮询；还可查询各模型的能力与价格。',
    },
    operationIds: ['streamVideoEvents', 'listVideoJobs', 'cancelVideo', 'listVideoModels', 'getVideoContent'],
    sample: 'streamVideoEvents',
  },
  {
    id: 'openai-videos',
    title: { en: 'OpenAI videos', zh: 'OpenAI 视频接口' },
    text: {
      en: 'The same jobs for `client.videos` of the official SDKs.',
      zh: '同一批任务，可用官方 SDK 的 `client.videos` 调用。',
    },
    operationIds: ['createVideo', 'listVideos', 'getVideo', 'downloadVideo', 'deleteVideo'],
    sample: { language: 'python', title: 'Python', code: pythonVideoSample },
  },
  {
    id: 'sound',
    title: { en: 'Sound', zh: '语音' },
    text: {
      en: 'Text from sound, as an upload, and sound from text, as it is made; for `client.audio` of the official SDKs. The model list says by `hub.type` which models are for that; the sandbox has none.',
      zh: '语音转文字（上传文件），文字转语音（边生成边返回）；可用官方 SDK 的 `client.audio` 调用。模型列表中的 `hub.type` 标明哪些模型适用；沙盒不提供。',
    },
    operationIds: ['createTranscription', 'createTranslation', 'createSpeech'],
  },
  {
    id: 'passed',
    title: { en: 'Completions, moderations, rerank', zh: '文本补全、审核、重排序' },
    text: {
      en: 'The older way to ask for text, whether a text or picture is harmful, and documents in the order in which they answer a query. The model list says by `hub.type` which models are for that; the sandbox has none.',
      zh: '旧式文本补全、内容审核，以及按相关性对文档重排序。模型列表中的 `hub.type` 标明哪些模型适用；沙盒不提供。',
    },
    operationIds: ['createCompletion', 'createModeration', 'createRerank'],
  },
  {
    id: 'image-jobs',
    title: { en: 'Image jobs', zh: '异步图片任务' },
    text: {
      en: 'Pictures that nobody waits for: submitted at once and fetched later, like videos. Edits of pictures are there too.',
      zh: '立即提交、稍后取回，与视频任务用法相同；另有图片编辑接口。',
    },
    operationIds: [
      'submitImage',
      'getImageStatus',
      'listImageJobs',
      'cancelImage',
      'streamImageEvents',
      'getImageContent',
      'createImageEdit',
    ],
    sample: 'submitImage',
  },
  {
    id: 'model-list',
    title: { en: 'What models can and cost', zh: '模型能力与价格' },
    text: {
      en: 'The `hub` object beside each model of the list: what it is for, its window and features as far as they are known, when its maker ends it, and what your account pays. Clients of OpenAI pass over it.',
      zh: '模型列表中每个模型带有 `hub` 对象：用途、已知的上下文窗口与功能、厂商下线日期，以及你的账户所付的价格。OpenAI 客户端会忽略该对象。',
    },
    operationIds: ['listModels', 'getModel'],
    sample: 'getModel',
  },
  {
    id: 'idempotency',
    title: { en: 'Idempotency', zh: '幂等请求' },
    text: {
      en: 'Every POST that costs or moves quota takes an `Idempotency-Key`. The same request with the same key runs once, and gets the same answer for 24 hours; another request with that key gets 422.',
      zh: '所有会产生费用或变动配额的 POST 请求均支持 `Idempotency-Key`。24 小时内，相同请求携带相同的 key 只执行一次，并返回相同的响应；用于其他请求则返回 422。',
    },
    operationIds: ['submitVideo', 'submitImage', 'createVideo', 'redeemCode'],
    sample: {
      language: 'shell',
      title: 'curl',
      code: submitWith('Idempotency-Key: order-4711', '{"prompt":"一只猫在草地上奔跑"}'),
    },
  },
  {
    id: 'usage-reports',
    title: { en: 'Usage reports', zh: '用量报表' },
    text: {
      en: 'Usage and cost by model, day, end user or key, as JSON or CSV; the single requests behind them; what moved the quota; and what a request would cost, before it is sent.',
      zh: '按模型、日期、终端用户或 Key 统计用量与费用（JSON 或 CSV），查询每次请求的明细与配额变动，并可在发送之前预估费用。',
    },
    operationIds: ['getUsage', 'listUsageEvents', 'listLedger', 'quoteRequest'],
    sample: 'getUsage',
  },
  {
    id: 'webhook-guide',
    title: { en: 'Webhooks', zh: 'Webhook 通知' },
    text: {
      en: 'A job submitted with `webhookUrl` is reported there when it is over, signed as in Standard Webhooks.',
      zh: '提交任务时带上 `webhookUrl`，任务结束后会向该地址发送带签名的通知，遵循 Standard Webhooks 规范。',
    },
    operationIds: ['getWebhookSecret', 'rotateWebhookSecret', 'listWebhookDeliveries', 'redeliverWebhook'],
    sample: {
      language: 'shell',
      title: 'curl',
      code: submitWith('', '{"prompt":"一只猫在草地上奔跑","webhookUrl":"https://example.com/hooks/video"}'),
    },
  },
];

/** The topics of which something is served. */
export function servedTopics(served: ReadonlyMap<string, Endpoint>): readonly MoreTopic[] {
  return MORE_TOPICS.filter(({ operationIds }) => operationIds.some((id) => served.has(id)));
}

/**
 * Short sections on what the product adds, each with links into the reference.
 * @param served the documented endpoints by operation id
 */
export function more(
  served: ReadonlyMap<string, Endpoint>,
  origin: string,
  key: string,
  links: PageLinks,
  language: Language,
): SafeHtml | undefined {
  const topics = servedTopics(served);
  if (topics.length === 0) return undefined;
  return html`<section id="more">${heading(2, 'more', GUIDE.more[language])}<p class="lead">${GUIDE.moreText[language]}</p>
${topics.map((topic) => {
  const endpoints = topic.operationIds.flatMap((id) => served.get(id) ?? []);
  return html`<article class="topic" id="${topic.id}"><div>${heading(3, topic.id, topic.title[language])}
<p>${prose(topic.text[language])}</p>
<ul class="routes">${endpoints.map((endpoint) => routeLink(endpoint, links, language))}</ul></div>
${sampleOf(topic, served, origin, key, language)}</article>`;
})}</section>`;
}

function routeLink({ method, path, operation }: Endpoint, links: PageLinks, language: Language): SafeHtml {
  const target = `${links.reference(language)}#${operation.operationId}`;
  return html`<li><a href="${target}"><span class="verb verb-${method}">${method.toUpperCase()}</span><code>${path}</code></a> <span class="route-summary">${localized(operation, 'summary', language)}</span></li>`;
}

function sampleOf(
  { sample }: MoreTopic,
  served: ReadonlyMap<string, Endpoint>,
  origin: string,
  key: string,
  language: Language,
): SafeHtml | undefined {
  if (typeof sample === 'object') {
    return codeBlock(sample.title, sample.code(origin, key, language), sample.language, language);
  }
  const [command] = served.get(sample ?? '')?.operation['x-codeSamples'] ?? [];
  return command && codeBlock('curl', command.source, 'shell', language);
}
