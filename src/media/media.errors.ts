import { HubError } from '../common/hub-error.js';

/** 404 in the same words whatever is the matter: a forged or expired link must not tell what there is. */
export function resultNotFound(): HubError {
  return new HubError({
    status: 404,
    code: 'not_found',
    message: 'This file does not exist, or its link has expired.',
    shouldRetry: false,
  });
}
