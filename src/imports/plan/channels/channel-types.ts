import type { ImportProduct } from '../../product.js';

/** How the key of a channel, and what belongs to it, becomes a credential and an address; `plain` where the key is the credential. */
export type ChannelForm =
  | 'plain'
  | 'azure'
  | 'bedrock'
  | 'vertex'
  | 'kling'
  | 'jimeng'
  | 'qianfan'
  | 'ark'
  | 'cloudflare';

/** What a kind of channel is here. */
export interface ChannelType {
  /** Its name there. */
  readonly name: string;
  /** Provider id. */
  readonly provider: string;
  readonly form: ChannelForm;
  /** What the product puts between a base URL and the path of an operation. */
  readonly suffix: string;
  /** The product's own base URL for this kind; a channel with another one has its own. */
  readonly theirs?: string;
  /** What `theirs` is here; left out where the provider's own base URL is the same place. */
  readonly ours?: string;
  /** Provider of a channel with a base URL of its own; default: the same. */
  readonly providerElsewhere?: string;
}

/** A kind of channel that has no counterpart. */
export interface UnservedType {
  readonly name: string;
  /** Why, to follow "cannot serve: ". */
  readonly reason: string;
}

const COMPATIBLE = 'openai-compatible';

function compatible(name: string, theirs?: string, suffix = '/v1'): ChannelType {
  const ours = theirs === undefined ? undefined : theirs + suffix;
  return { name, provider: COMPATIBLE, form: 'plain', suffix, theirs, ours };
}

function vendor(name: string, provider: string, theirs: string, suffix = '/v1'): ChannelType {
  return { name, provider, form: 'plain', suffix, theirs };
}

function formed(form: ChannelForm, name: string, provider: string, theirs?: string, suffix = ''): ChannelType {
  return { name, provider, form, suffix, theirs };
}

const OPENAI = { ...vendor('OpenAI', 'openai', 'https://api.openai.com'), providerElsewhere: COMPATIBLE };
const AZURE = formed('azure', 'Azure OpenAI', 'azure-openai');
const AWS = formed('bedrock', 'AWS', 'bedrock');
const VERTEX = formed('vertex', 'Vertex AI', 'vertex');
const CLOUDFLARE = formed('cloudflare', 'Cloudflare', COMPATIBLE, 'https://api.cloudflare.com', '/ai/v1');
const ZHIPU = vendor('Zhipu', 'zhipu', 'https://open.bigmodel.cn', '/api/paas/v4');
const DASHSCOPE = vendor('Ali', 'dashscope', 'https://dashscope.aliyuncs.com', '/compatible-mode/v1');
const OLLAMA = vendor('Ollama', 'ollama', 'http://localhost:11434');
const COHERE = vendor('Cohere', 'cohere', 'https://api.cohere.ai', '');
const MINIMAX: ChannelType = {
  ...vendor('MiniMax', 'minimax', 'https://api.minimax.chat'),
  // The platform in China, whose keys the international one refuses.
  ours: 'https://api.minimaxi.com/v1',
};
const ARK = formed('ark', 'VolcEngine', 'volcengine', 'https://ark.cn-beijing.volces.com', '/api/v3');
const QIANFAN = formed('qianfan', 'Baidu V2', 'qianfan', 'https://qianfan.baidubce.com', '/v2');

/** Kinds that both products number alike: new-api began as a copy of one-api. */
const BOTH: Readonly<Record<number, ChannelType>> = {
  1: OPENAI,
  3: AZURE,
  6: compatible('OpenAIMax', 'https://api.openaimax.com'),
  7: compatible('OhMyGPT', 'https://api.ohmygpt.com'),
  9: compatible('AILS', 'https://api.caipacity.com'),
  10: compatible('AIProxy', 'https://api.aiproxy.io'),
  12: compatible('API2GPT', 'https://api.api2gpt.com'),
  13: compatible('AIGC2D', 'https://api.aigc2d.com'),
  14: vendor('Anthropic', 'anthropic', 'https://api.anthropic.com', ''),
  16: ZHIPU,
  17: DASHSCOPE,
  20: vendor('OpenRouter', 'openrouter', 'https://openrouter.ai/api'),
  22: compatible('FastGPT', 'https://fastgpt.run/api/openapi'),
  24: vendor('Gemini', 'gemini', 'https://generativelanguage.googleapis.com', '/v1beta'),
  25: vendor('Moonshot', 'moonshot', 'https://api.moonshot.cn'),
  31: compatible('LingYiWanWu', 'https://api.lingyiwanwu.com'),
  33: AWS,
};

/** https://github.com/songquanpeng/one-api, relay/channeltype. */
const ONE_API: Readonly<Record<number, ChannelType>> = {
  ...BOTH,
  2: compatible('API2D', 'https://oa.api2d.net'),
  4: compatible('CloseAI', 'https://api.closeai-proxy.xyz'),
  5: compatible('OpenAI-SB', 'https://api.openai-sb.com'),
  8: compatible('Custom'),
  19: compatible('360', 'https://ai.360.cn'),
  26: compatible('Baichuan', 'https://api.baichuan-ai.com'),
  27: MINIMAX,
  28: vendor('Mistral', 'mistral', 'https://api.mistral.ai'),
  29: vendor('Groq', 'groq', 'https://api.groq.com/openai'),
  30: OLLAMA,
  32: vendor('StepFun', 'stepfun', 'https://api.stepfun.com'),
  35: COHERE,
  36: vendor('DeepSeek', 'deepseek', 'https://api.deepseek.com'),
  37: CLOUDFLARE,
  39: vendor('Together AI', 'together', 'https://api.together.xyz'),
  40: ARK,
  41: compatible('Novita', 'https://api.novita.ai/v3/openai', ''),
  42: VERTEX,
  44: vendor('SiliconFlow', 'siliconflow', 'https://api.siliconflow.cn'),
  45: vendor('xAI', 'xai', 'https://api.x.ai'),
  // The product's base URL goes on to the models.
  46: vendor('Replicate', 'replicate', 'https://api.replicate.com/v1/models', ''),
  47: QIANFAN,
  48: compatible('Xunfei V2', 'https://spark-api-open.xf-yun.com'),
  49: { ...DASHSCOPE, name: 'Ali Bailian' },
  50: compatible('OpenAI-compatible', undefined, ''),
  51: compatible('Gemini (OpenAI)', 'https://generativelanguage.googleapis.com/v1beta/openai', ''),
};

/** https://github.com/QuantumNous/new-api, constant/channel.go. */
const NEW_API: Readonly<Record<number, ChannelType>> = {
  ...BOTH,
  4: OLLAMA,
  // A whole URL there, with the path of chats.
  8: compatible('Custom', undefined, ''),
  19: compatible('360', 'https://api.360.cn'),
  26: { ...ZHIPU, name: 'Zhipu V4' },
  27: vendor('Perplexity', 'perplexity', 'https://api.perplexity.ai', ''),
  34: COHERE,
  35: MINIMAX,
  38: vendor('Jina', 'jina', 'https://api.jina.ai'),
  39: CLOUDFLARE,
  40: vendor('SiliconFlow', 'siliconflow', 'https://api.siliconflow.cn'),
  41: VERTEX,
  42: vendor('Mistral', 'mistral', 'https://api.mistral.ai'),
  43: vendor('DeepSeek', 'deepseek', 'https://api.deepseek.com'),
  45: ARK,
  46: QIANFAN,
  47: compatible('Xinference'),
  48: vendor('xAI', 'xai', 'https://api.x.ai'),
  50: formed('kling', 'Kling', 'kling', 'https://api.klingai.com'),
  51: formed('jimeng', 'Jimeng', 'jimeng', 'https://visual.volcengineapi.com'),
  // China, whose keys the international platform refuses.
  52: { ...vendor('Vidu', 'vidu', 'https://api.vidu.cn', ''), ours: 'https://api.vidu.cn' },
  53: compatible('Submodel', 'https://llm.submodel.ai'),
  54: { ...ARK, name: 'Doubao Video' },
  55: { ...OPENAI, name: 'Sora' },
  56: vendor('Replicate', 'replicate', 'https://api.replicate.com'),
};

const TYPES = { 'one-api': ONE_API, 'new-api': NEW_API } as const;

const BAIDU = {
  name: 'Baidu',
  reason: 'the old interface of Wenxin, with two keys; Qianfan V2 wants an API key of its own',
};
const XUNFEI = { name: 'Xunfei', reason: 'the WebSocket interface of Spark, with three keys' };
const TENCENT = {
  name: 'Tencent',
  reason: 'signed requests with three keys; the provider hunyuan wants an API key of its own',
};
const PALM = { name: 'PaLM', reason: 'Google has switched this service off' };
const LIBRARY = { name: 'AIProxy Library', reason: 'a service for knowledge bases' };
const COZE = { name: 'Coze', reason: 'an interface for bots' };

/** Kinds without a counterpart that both products number alike. */
const UNSERVED_BOTH: Readonly<Record<number, UnservedType>> = {
  11: PALM,
  15: BAIDU,
  18: XUNFEI,
  21: LIBRARY,
  23: TENCENT,
};

const UNSERVED = {
  'one-api': {
    ...UNSERVED_BOTH,
    34: COZE,
    38: { name: 'DeepL', reason: 'a service that translates' },
    43: { name: 'Proxy', reason: 'it hands requests on as they are, whatever their format' },
  },
  'new-api': {
    ...UNSERVED_BOTH,
    2: { name: 'Midjourney', reason: 'the interface of a Midjourney proxy' },
    5: { name: 'Midjourney Plus', reason: 'the interface of a Midjourney proxy' },
    36: { name: 'Suno', reason: 'an interface for music' },
    37: { name: 'Dify', reason: 'an interface for applications' },
    44: { name: 'MokaAI', reason: 'an embeddings format of its own' },
    49: COZE,
    57: { name: 'Codex', reason: 'the sign-in of a person to ChatGPT, which is no API key' },
  },
} as const satisfies Record<ImportProduct, Readonly<Record<number, UnservedType>>>;

/** new-api takes these words for base URLs. */
const PLANS: Readonly<Record<string, string>> = {
  'glm-coding-plan': 'https://open.bigmodel.cn/api/coding/paas/v4',
  'glm-coding-plan-international': 'https://api.z.ai/api/coding/paas/v4',
  'kimi-coding-plan': 'https://api.kimi.com/coding/v1',
  'doubao-coding-plan': 'https://ark.cn-beijing.volces.com/api/coding/v3',
};

/** Both products leave `/v1` out behind this one for OpenAI. https://developers.cloudflare.com/ai-gateway */
export const CLOUDFLARE_GATEWAY = 'https://gateway.ai.cloudflare.com/';

/** What a kind of channel is here. @param type its number there. @returns undefined for one that the hub cannot serve. */
export function channelTypeOf(product: ImportProduct, type: number): ChannelType | undefined {
  return TYPES[product][type];
}

/** What is known of a kind that the hub cannot serve. @returns undefined for a number that no kind has. */
export function unservedTypeOf(product: ImportProduct, type: number): UnservedType | undefined {
  const unserved: Readonly<Record<number, UnservedType>> = UNSERVED[product];
  return unserved[type];
}

/** Where a channel's upstream is. */
export interface ChannelPlace {
  readonly provider: string;
  /** Undefined for the provider's own. */
  readonly baseUrl?: string;
}

/**
 * Provider and base URL of a channel, in the way of the hub, whose base URLs end where the path of an operation begins.
 *
 * @param baseUrl as stored there; empty for the product's own.
 * @returns undefined when this kind has no address there.
 */
export function placeOf(type: ChannelType, baseUrl: string): ChannelPlace | undefined {
  const base = trimBase(baseUrl);
  if (base === '' || base === type.theirs) {
    return type.theirs === undefined ? undefined : { provider: type.provider, baseUrl: type.ours };
  }
  const plan = Object.hasOwn(PLANS, base) ? PLANS[base] : undefined;
  const provider = type.providerElsewhere ?? type.provider;
  if (plan !== undefined) return { provider, baseUrl: plan };
  if (base.startsWith(CLOUDFLARE_GATEWAY) && type.provider === OPENAI.provider) return { provider, baseUrl: base };
  // A complete path of chats, or of models, is the base URL with what every client adds.
  const plain = base.replace(/\/(?:chat\/completions|models)$/, '');
  return { provider, baseUrl: plain.endsWith(type.suffix) ? plain : plain + type.suffix };
}

/** A base URL without spaces around it and slashes behind it. */
export function trimBase(baseUrl: string): string {
  return baseUrl.trim().replace(/\/+$/, '');
}
