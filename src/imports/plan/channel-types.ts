import type { ImportProduct } from '../product.js';

/** What a kind of channel is here. */
export interface ChannelType {
  /** Provider id. */
  readonly provider: string;
  /** What the product puts between a base URL and the path of an operation. */
  readonly suffix: string;
  /** The product's own base URL for this kind; a channel with another one has its own. */
  readonly theirs?: string;
  /** What `theirs` is here; left out where the provider's own base URL is the same place. */
  readonly ours?: string;
  /** Provider of a channel with a base URL of its own; default: the same. */
  readonly providerElsewhere?: string;
  /** The format spoken here exists only at the vendor's own address. */
  readonly isOnlyThere?: boolean;
}

const COMPATIBLE = 'openai-compatible';

function compatible(theirs?: string, suffix = '/v1'): ChannelType {
  return { provider: COMPATIBLE, suffix, theirs, ours: theirs === undefined ? undefined : theirs + suffix };
}

function vendor(provider: string, theirs: string, suffix = '/v1'): ChannelType {
  return { provider, suffix, theirs };
}

const OPENAI: ChannelType = { ...vendor('openai', 'https://api.openai.com'), providerElsewhere: COMPATIBLE };
const ZHIPU = vendor('zhipu', 'https://open.bigmodel.cn', '/api/paas/v4');
const DASHSCOPE = vendor('dashscope', 'https://dashscope.aliyuncs.com', '/compatible-mode/v1');
const OLLAMA = vendor('ollama', 'http://localhost:11434');
const MINIMAX: ChannelType = {
  ...vendor('minimax', 'https://api.minimax.chat'),
  // The platform in China, whose keys the international one refuses.
  ours: 'https://api.minimaxi.com/v1',
};
const VOLCENGINE = vendor('volcengine', 'https://ark.cn-beijing.volces.com', '/api/v3');
const QIANFAN = vendor('qianfan', 'https://qianfan.baidubce.com', '/v2');
const ANTHROPIC = vendor('anthropic', 'https://api.anthropic.com', '');
/** https://ai.google.dev/gemini-api/docs/openai */
const GEMINI: ChannelType = {
  ...compatible('https://generativelanguage.googleapis.com', '/v1beta/openai'),
  isOnlyThere: true,
};

/** Kinds that both products number alike: new-api began as a copy of one-api. */
const BOTH: Readonly<Record<number, ChannelType>> = {
  1: OPENAI,
  6: compatible('https://api.openaimax.com'),
  7: compatible('https://api.ohmygpt.com'),
  9: compatible('https://api.caipacity.com'),
  10: compatible('https://api.aiproxy.io'),
  12: compatible('https://api.api2gpt.com'),
  13: compatible('https://api.aigc2d.com'),
  14: ANTHROPIC,
  16: ZHIPU,
  17: DASHSCOPE,
  20: vendor('openrouter', 'https://openrouter.ai/api'),
  24: GEMINI,
  25: vendor('moonshot', 'https://api.moonshot.cn'),
  31: compatible('https://api.lingyiwanwu.com'),
};

/** https://github.com/songquanpeng/one-api, relay/channeltype. */
const ONE_API: Readonly<Record<number, ChannelType>> = {
  ...BOTH,
  2: compatible('https://oa.api2d.net'),
  4: compatible('https://api.closeai-proxy.xyz'),
  5: compatible('https://api.openai-sb.com'),
  8: compatible(),
  19: compatible('https://ai.360.cn'),
  26: compatible('https://api.baichuan-ai.com'),
  27: MINIMAX,
  28: vendor('mistral', 'https://api.mistral.ai'),
  29: vendor('groq', 'https://api.groq.com/openai'),
  30: OLLAMA,
  32: vendor('stepfun', 'https://api.stepfun.com'),
  36: vendor('deepseek', 'https://api.deepseek.com'),
  39: vendor('together', 'https://api.together.xyz'),
  40: VOLCENGINE,
  41: compatible('https://api.novita.ai/v3/openai', ''),
  44: vendor('siliconflow', 'https://api.siliconflow.cn'),
  45: vendor('xai', 'https://api.x.ai'),
  47: QIANFAN,
  48: compatible('https://spark-api-open.xf-yun.com'),
  49: DASHSCOPE,
  50: compatible(undefined, ''),
  51: compatible('https://generativelanguage.googleapis.com/v1beta/openai', ''),
};

/** https://github.com/QuantumNous/new-api, constant/channel.go. */
const NEW_API: Readonly<Record<number, ChannelType>> = {
  ...BOTH,
  4: OLLAMA,
  // A whole URL there, with the path of chats.
  8: compatible(undefined, ''),
  19: compatible('https://api.360.cn'),
  26: ZHIPU,
  27: vendor('perplexity', 'https://api.perplexity.ai', ''),
  34: compatible('https://api.cohere.ai', '/compatibility/v1'),
  35: MINIMAX,
  38: compatible('https://api.jina.ai'),
  40: vendor('siliconflow', 'https://api.siliconflow.cn'),
  42: vendor('mistral', 'https://api.mistral.ai'),
  43: vendor('deepseek', 'https://api.deepseek.com'),
  45: VOLCENGINE,
  46: QIANFAN,
  47: compatible(),
  48: vendor('xai', 'https://api.x.ai'),
  50: vendor('kling', 'https://api.klingai.com', ''),
  53: compatible('https://llm.submodel.ai'),
  54: VOLCENGINE,
  55: OPENAI,
};

const TYPES = { 'one-api': ONE_API, 'new-api': NEW_API } as const;

/** new-api takes these words for base URLs. */
const PLANS: Readonly<Record<string, string>> = {
  'glm-coding-plan': 'https://open.bigmodel.cn/api/coding/paas/v4',
  'glm-coding-plan-international': 'https://api.z.ai/api/coding/paas/v4',
  'kimi-coding-plan': 'https://api.kimi.com/coding/v1',
  'doubao-coding-plan': 'https://ark.cn-beijing.volces.com/api/coding/v3',
};

/** What a kind of channel is here. @param type its number there. @returns undefined for one that the hub cannot serve. */
export function channelTypeOf(product: ImportProduct, type: number): ChannelType | undefined {
  return TYPES[product][type];
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
 * @returns undefined when this kind has no address there, or speaks this format only at the vendor's own.
 */
export function placeOf(type: ChannelType, baseUrl: string): ChannelPlace | undefined {
  const base = baseUrl.trim().replace(/\/+$/, '');
  if (base === '' || base === type.theirs) {
    return type.theirs === undefined ? undefined : { provider: type.provider, baseUrl: type.ours };
  }
  if (type.isOnlyThere) return undefined;
  const plan = Object.hasOwn(PLANS, base) ? PLANS[base] : undefined;
  const provider = type.providerElsewhere ?? type.provider;
  if (plan !== undefined) return { provider, baseUrl: plan };
  // A complete path of chats is the base URL with what every client adds.
  const plain = base.replace(/\/chat\/completions$/, '');
  return { provider, baseUrl: plain.endsWith(type.suffix) ? plain : plain + type.suffix };
}
