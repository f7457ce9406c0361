import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

const REASONING_REFUSES = ['stop', 'presence_penalty', 'frequency_penalty'];
const NAMED_REASONING_REFUSES = [...REASONING_REFUSES, 'reasoning_effort'];
const NON_REASONING_REFUSES = ['reasoning_effort'];
const NOTHING: readonly string[] = [];

function refusedFields(model: string): readonly string[] {
  if (model.includes('non-reasoning')) return NON_REASONING_REFUSES;
  if (model.includes('-reasoning')) return NAMED_REASONING_REFUSES;
  return /^grok-(?:3-mini|[4-9]|\d{2}|code)/.test(model) ? REASONING_REFUSES : NOTHING;
}

/** https://docs.x.ai/docs/api-reference */
export const xai = compatibleProvider({
  id: 'xai',
  name: 'xAI',
  baseUrl: 'https://api.x.ai/v1',
  environment: { apiKey: ['XAI_API_KEY'], baseUrl: ['XAI_BASE_URL'] },
  defaultModels: ['grok-4.6', 'grok-4.5', 'grok-4.3'],
  hasModelList: true,
  chat: { refusedFields, isReasoningOutsideOutput: true },
  images: {
    refusal: ({ size }) =>
      size === undefined || size === null
        ? undefined
        : { param: 'size', message: 'Grok image models take no "size"; send "aspect_ratio" (such as "16:9") instead.' },
  },
  errors: {
    texts: [
      [/incorrect api key|invalid api key/i, 'credential'],
      [/violates|usage guidelines|moderat/i, 'content_refused'],
      [/credits|spending limit/i, 'out_of_money'],
    ],
  },
});
