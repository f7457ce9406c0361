import { HubError } from '../common/hub-error.js';

/**
 * 400: the model exists, but no channel of it offers this kind of request.
 * @param hint a sentence on what the model is for.
 */
export function operationNotSupported(model: string, operation: string, hint?: string): HubError {
  return new HubError({
    status: 400,
    code: 'unsupported_operation',
    message: [`The model "${model}" does not support ${operation}.`, hint]
      .filter((text) => text !== undefined)
      .join(' '),
    param: 'model',
    shouldRetry: false,
  });
}

/** 404: the caller has named no model, and the one that then serves is not there, or not for this key. */
export function defaultModelNotFound(model: string): HubError {
  return new HubError({
    status: 404,
    code: 'model_not_found',
    message:
      `"model" is not given, and the default "${model}" does not exist here or this API key may not use it. ` +
      `Name a model of GET /api/relay/v1/models in "model", or ask the operator to add "${model}".`,
    param: 'model',
    shouldRetry: false,
  });
}

/** 503: the hub is stopping. Another instance, or this one a moment later, will answer. */
export function shuttingDown(): HubError {
  return new HubError({
    status: 503,
    code: 'server_shutting_down',
    message: 'The hub is restarting. Please try again.',
    retryAfterSeconds: 1,
  });
}

/** 404: responses are answered and forgotten. */
export function noStoredResponse(): HubError {
  return new HubError({
    status: 404,
    code: 'response_not_found',
    message:
      'The hub keeps no responses, so that none can be fetched, deleted, cancelled or listed. ' +
      'Send the whole conversation as "input" of each request.',
    param: 'response_id',
    shouldRetry: false,
  });
}
