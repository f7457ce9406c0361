import { compatibleProvider } from '../openai-compatible/compatible-provider.js';
import { withoutSchemaKeyword } from './without-schema-keyword.js';

const FIXED = ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty'];
const NOTHING: readonly string[] = [];

/** Kimi K2.5 and later fix temperature, top_p, n and the penalties. */
function isFixed(model: string): boolean {
  return /^kimi-k(?:2\.[5-9]|[3-9])/.test(model);
}

/** https://platform.moonshot.cn/docs. Keys of the mainland and the international site differ; so do their base URLs. */
export const moonshot = compatibleProvider({
  id: 'moonshot',
  name: 'Moonshot (Kimi)',
  baseUrl: 'https://api.moonshot.cn/v1',
  environment: { apiKey: ['MOONSHOT_API_KEY'], baseUrl: ['MOONSHOT_BASE_URL'] },
  defaultModels: ['kimi-k3', 'kimi-k3.1-pro', 'kimi-k2.6'],
  hasModelList: true,
  chat: {
    outputCap: { name: 'max_tokens', isOtherNameTaken: true },
    refusedFields: (model) => (isFixed(model) ? FIXED : NOTHING),
    canGiveChoices: (model) => !isFixed(model),
    // https://platform.moonshot.cn/docs/guide/use-partial-mode-feature-of-kimi-api
    prefill: { isTaken: (model) => !/thinking/.test(model), mark: 'partial' },
    adjust: ({ tools }, edits) => {
      const cleaned = withoutSchemaKeyword(tools);
      if (cleaned !== tools) edits['tools'] = JSON.stringify(cleaned);
    },
  },
  errors: {
    codes: {
      permission_denied_error: 'credential',
      resource_not_found_error: 'model_missing',
      exceeded_current_quota_error: 'out_of_money',
      rate_limit_reached_error: 'rate_limited',
      engine_overloaded_error: 'overloaded',
      server_error: 'overloaded',
    },
  },
});
