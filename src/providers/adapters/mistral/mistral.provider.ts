import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { withNineCharacterIds } from './with-nine-character-ids.js';

const FIELDS: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'stop',
  'random_seed',
  'response_format',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'presence_penalty',
  'frequency_penalty',
  'n',
  'prediction',
  'prompt_mode',
  'reasoning_effort',
  'safe_prompt',
]);
const MESSAGE_FIELDS: ReadonlySet<string> = new Set(['role', 'content', 'tool_calls', 'tool_call_id', 'prefix']);

/** https://docs.mistral.ai/api. Unknown keys are refused, so only known ones are sent. */
export const mistral = compatibleProvider({
  id: 'mistral',
  name: 'Mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  environment: { apiKey: ['MISTRAL_API_KEY'], baseUrl: ['MISTRAL_BASE_URL'] },
  defaultModels: ['mistral-large-3', 'mistral-medium-3.5', 'codestral', 'mistral-embed'],
  hasModelList: true,
  chat: {
    outputCap: { name: 'max_tokens', isOtherNameTaken: false },
    hasStreamOptions: false,
    acceptedFields: FIELDS,
    renamedFields: { seed: 'random_seed' },
    acceptedMessageFields: MESSAGE_FIELDS,
    // The answer may repeat it: https://docs.mistral.ai/capabilities/completion
    prefill: { isTaken: () => true, mark: 'prefix' },
    adjust: (_body, edits, messages) => {
      const rewritten = withNineCharacterIds(messages);
      if (rewritten !== messages) edits['messages'] = JSON.stringify(rewritten);
    },
  },
  embeddings: { inputsMax: 32, refusedFields: ['user', 'dimensions'] },
  moderations: { isTextOnly: true },
  // https://docs.mistral.ai/capabilities/audio. Its streams have events of their own, and other formats than JSON are not known.
  transcriptions: { formats: ['json'], refusedFields: ['prompt', 'include', 'chunking_strategy'] },
  errors: {
    texts: [
      [/invalid model/i, 'model_missing'],
      [/too large for model|maximum context|prompt contains \d+ tokens/i, 'context_length'],
    ],
  },
});
