import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';

/** What of a message is signed. */
export interface SignedParts {
  /** The same in every attempt. */
  readonly id: string;
  /** Unix time of the attempt in seconds. */
  readonly timestamp: number;
  readonly body: string;
}

/**
 * The value of `webhook-signature` by the Standard Webhooks specification (https://www.standardwebhooks.com): one signature for
 * each secret, so that a receiver finds the one it knows while secrets change.
 *
 * @param secrets `whsec_` and base64 each.
 */
export function signMessage(secrets: readonly string[], { id, timestamp, body }: SignedParts): string {
  const signed = `${id}.${timestamp}.${body}`;
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
      return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    })
    .join(' ');
}
