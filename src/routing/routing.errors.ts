import { HubError } from '../common/hub-error.js';

/** 404: no enabled channel carries this model for this caller. */
export function modelNotFound(model: string): HubError {
  return new HubError({
    status: 404,
    code: 'model_not_found',
    message: `The model "${model}" does not exist or this API key may not use it. GET /api/relay/v1/models lists the models.`,
    param: 'model',
    shouldRetry: false,
  });
}
