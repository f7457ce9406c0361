import { createHmac } from 'node:crypto';

/**
 * The value of `x-hub-signature`: when it was sent and HMAC-SHA-256 over that time, a dot and the body, so that neither can
 * be changed and an old message cannot be passed off as a new one.
 *
 * @param sentAt Unix time in seconds.
 */
export function signWebhook(secret: string, sentAt: number, body: string): string {
  const digest = createHmac('sha256', secret).update(`${sentAt}.${body}`).digest('hex');
  return `t=${sentAt},v1=${digest}`;
}
