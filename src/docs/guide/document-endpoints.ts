import type { LocalizedText } from '../../common/api-operation.decorator.js';

/** One endpoint as the API document shows it. */
export interface DocumentEndpoint {
  /** Where method, path and curl command come from. */
  readonly operationId: string;
  /** What the document writes behind the path. */
  readonly query?: string;
  readonly title: LocalizedText;
  /** A request body, laid out as in the document; it may hold comments. */
  readonly request?: LocalizedText;
  /** An answer, laid out as in the document. */
  readonly response?: string;
}

const both = (text: string): LocalizedText => ({ en: text, zh: text });

const submitBody = (provider: string, userIdentifier: string): string => `{
  "provider": "kling",          // ${provider}
  "prompt": "一只猫在草地上奔跑",
  "user_identifier": "user_123" // ${userIdentifier}
}`;

/** The public endpoints in the order of the API document, with its examples. Sample data is the same in both languages. */
export const DOCUMENT_ENDPOINTS: readonly DocumentEndpoint[] = [
  {
    operationId: 'submitVideo',
    title: { en: 'Submit a video generation job', zh: '提交视频生成任务' },
    request: {
      en: submitBody('optional provider; omit to auto-select', 'optional: for usage statistics'),
      zh: submitBody('可选,指定 Provider;省略则自动选择', '可选,用于用量统计'),
    },
    response: `{
  "success": true,
  "data": {
    "jobId": "job_abc123"
  }
}`,
  },
  {
    operationId: 'getVideoStatus',
    query: '?jobId=xxx',
    title: { en: 'Look up the state and result of a job', zh: '查询任务状态与结果' },
    response: `{
  "success": true,
  "data": {
    "status": "succeeded",
    "progress": 100,
    "resultUrl": "https://..."
  }
}`,
  },
  {
    operationId: 'listModels',
    title: { en: 'List available models (OpenAI-compatible)', zh: '列出可用模型(OpenAI 兼容)' },
  },
  {
    operationId: 'createChatCompletion',
    title: { en: 'Chat completion (OpenAI-compatible)', zh: '聊天补全(OpenAI 兼容)' },
    request: both(`{
  "model": "gpt-4",
  "messages": [
    {"role": "user", "content": "你好"}
  ],
  "temperature": 0.7
}`),
  },
  {
    operationId: 'createImage',
    title: { en: 'Image generation (OpenAI-compatible)', zh: '图片生成(OpenAI 兼容)' },
    request: both(`{
  "model": "dall-e-3",
  "prompt": "a cute cat sitting on a windowsill",
  "n": 1,
  "size": "1024x1024"
}`),
    response: `{
  "data": [
    {
      "url": "https://..."
    }
  ]
}`,
  },
  {
    operationId: 'createEmbeddings',
    title: { en: 'Text embeddings (OpenAI-compatible)', zh: '文本嵌入(OpenAI 兼容)' },
    request: both(`{
  "model": "text-embedding-3-small",
  "input": "你好世界"
}`),
  },
  {
    operationId: 'getQuota',
    title: { en: 'Look up the quota balance of the current user', zh: '查询当前用户配额余额' },
    response: `{
  "success": true,
  "data": {
    "totalQuota": 10000,
    "usedQuota": 3500,
    "remainingQuota": 6500
  }
}`,
  },
  {
    operationId: 'redeemCode',
    title: { en: 'Top up quota with a redemption code', zh: '使用兑换码充值配额' },
    request: both(`{
  "code": "REDEEM-XXXX-XXXX"
}`),
    response: `{
  "success": true,
  "data": {
    "addedQuota": 5000,
    "totalQuota": 15000
  }
}`,
  },
  {
    operationId: 'getHealth',
    title: { en: 'Health check (no key needed)', zh: '健康检查(无需认证)' },
    response: `{
  "status": "ok",
  "checks": {
    "db": "ok",
    "redis": "ok"
  }
}`,
  },
];
