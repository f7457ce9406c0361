import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://console.groq.com/docs/api-reference */
export const groq = compatibleProvider({
  id: 'groq',
  name: 'Groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  environment: { apiKey: ['GROQ_API_KEY'], baseUrl: ['GROQ_BASE_URL'] },
  defaultModels: ['llama-3.3-70b-versatile', 'openai/gpt-oss-120b'],
  hasModelList: true,
  chat: {
    outputCap: { name: 'max_completion_tokens', isOtherNameTaken: true },
    refusedFields: ['logprobs', 'top_logprobs', 'logit_bias'],
    refusedMessageFields: new Set(['name']),
    canGiveChoices: false,
  },
  // https://console.groq.com/docs/speech-to-text
  transcriptions: { hasTranslations: true, formats: ['json', 'text', 'verbose_json'] },
  speech: {},
  errors: {
    codes: {
      tool_use_failed: 'invalid_request',
      json_validate_failed: 'invalid_request',
      // Models of speech want the operator's consent first; no caller can give it.
      model_terms_required: 'model_missing',
    },
    // 498: flex capacity is used up; 499: cancelled.
    statuses: { 498: 'rate_limited', 499: 'overloaded' },
    hasResetDurations: true,
  },
});
