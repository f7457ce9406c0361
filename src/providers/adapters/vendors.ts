import type { Provider } from '../provider.js';
import { anthropic } from './anthropic/anthropic.provider.js';
import { cerebras } from './cerebras/cerebras.provider.js';
import { dashscope } from './dashscope/dashscope.provider.js';
import { deepseek } from './deepseek/deepseek.provider.js';
import { fireworks } from './fireworks/fireworks.provider.js';
import { gemini } from './gemini/gemini.provider.js';
import { groq } from './groq/groq.provider.js';
import { hunyuan } from './hunyuan/hunyuan.provider.js';
import { kling } from './kling/kling.provider.js';
import { llamacpp } from './llamacpp/llamacpp.provider.js';
import { minimax } from './minimax/minimax.provider.js';
import { mistral } from './mistral/mistral.provider.js';
import { moonshot } from './moonshot/moonshot.provider.js';
import { ollama } from './ollama/ollama.provider.js';
import { openai } from './openai/openai.provider.js';
import { openaiCompatible } from './openai-compatible/openai-compatible.provider.js';
import { openaiResponses } from './openai-responses/openai-responses.provider.js';
import { openrouter } from './openrouter/openrouter.provider.js';
import { perplexity } from './perplexity/perplexity.provider.js';
import { qianfan } from './qianfan/qianfan.provider.js';
import { siliconflow } from './siliconflow/siliconflow.provider.js';
import { stepfun } from './stepfun/stepfun.provider.js';
import { together } from './together/together.provider.js';
import { vllm } from './vllm/vllm.provider.js';
import { volcengine } from './volcengine/volcengine.provider.js';
import { xai } from './xai/xai.provider.js';
import { zhipu } from './zhipu/zhipu.provider.js';

/** Every provider that is known without a running process; the sandbox joins with its own address. */
export const VENDORS: readonly Provider[] = [
  openai,
  anthropic,
  gemini,
  deepseek,
  dashscope,
  moonshot,
  zhipu,
  volcengine,
  minimax,
  qianfan,
  hunyuan,
  stepfun,
  siliconflow,
  xai,
  mistral,
  groq,
  together,
  fireworks,
  openrouter,
  perplexity,
  cerebras,
  kling,
  vllm,
  ollama,
  llamacpp,
  openaiCompatible,
  openaiResponses,
];
