import { HubError } from '../common/hub-error.js';

/** 409: nobody asked for a message. */
export function noWebhook(): HubError {
  return new HubError({
    status: 409,
    code: 'no_webhook',
    message: 'The job was submitted without "webhookUrl": there is no message to deliver.',
    param: 'jobId',
    shouldRetry: false,
  });
}
