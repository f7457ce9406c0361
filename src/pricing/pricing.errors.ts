import { HubError } from '../common/hub-error.js';

/**
 * Nobody has said what the model costs. Trying again cannot help: an operator has to act, and finds how in the log.
 * @param model its public name.
 * @param operation what there is no price for, where there is one for something else.
 */
export function modelNotPriced(model: string, operation?: string): HubError {
  const price = operation === undefined ? 'price' : `price for ${operation}`;
  const what =
    operation === undefined ? 'selling price' : `selling price for ${operation}, only one for something else`;
  return new HubError({
    status: 503,
    code: 'model_not_priced',
    message: `The model "${model.slice(0, 256)}" cannot be used yet: it has no ${price}. Please tell the operator of this hub.`,
    param: 'model',
    shouldRetry: false,
    detail: `The model "${model}" has no ${what}. Set one with "npm run hub -- price:set" or in HUB_CONFIG.`,
  });
}
