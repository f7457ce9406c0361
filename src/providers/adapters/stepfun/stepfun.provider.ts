import { compatibleProvider } from '../openai-compatible/compatible-provider.js';

/** https://platform.stepfun.com/docs. Status 402 is an empty balance, 451 a refused content. */
export const stepfun = compatibleProvider({
  id: 'stepfun',
  name: 'StepFun',
  baseUrl: 'https://api.stepfun.com/v1',
  environment: { apiKey: ['STEP_API_KEY'], baseUrl: ['STEP_BASE_URL'] },
  defaultModels: ['step-3', 'step-2-mini'],
  hasModelList: true,
  chat: {},
});
