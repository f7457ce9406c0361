import { Inject, Injectable } from '@nestjs/common';
import { Cancellation } from '../common/cancellation.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { UpstreamClient, type UpstreamLimits } from '../providers/transport/upstream-client.js';
import type { AlertDetails, AlertSeverity } from './alert.js';
import { signWebhook } from './sign-webhook.js';

/** Short: the receiver has only to say that it got the message. */
const LIMITS: UpstreamLimits = {
  connectTimeoutMs: 3_000,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 3_000,
  totalTimeoutMs: 10_000,
  connectionsMax: 2,
};
/** Nobody reads the answer; a short one is taken so that the connection can be used again. */
const ANSWER_BYTES_MAX = 16 * 1024;

/** What is posted, as JSON. */
export interface AlertMessage {
  /** The same in every attempt: receivers recognise repetitions by it. */
  readonly id: string;
  readonly type: 'alert';
  /** One of ALERT_KINDS, or of a newer hub that shares the database. */
  readonly kind: string;
  readonly severity: AlertSeverity;
  readonly subject: string;
  readonly message: string;
  readonly details: AlertDetails;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Counts from 1. */
  readonly attempt: number;
}

/** Posts alerts to HUB_ALERT_WEBHOOK_URL, signed. Redirects are not followed; private networks are refused unless allowed. */
@Injectable()
export class AlertWebhook {
  private readonly client = new UpstreamClient(LIMITS);

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /**
   * Posts one message; takes about ten seconds at most.
   *
   * @returns undefined when the receiver answered 2xx, else why it did not get there, without secrets.
   */
  async post(message: AlertMessage): Promise<string | undefined> {
    const { webhook } = this.settings.alerts;
    if (webhook === undefined) return undefined;
    const url = new URL(webhook.url);
    const body = JSON.stringify(message);
    try {
      const response = await this.client.send({
        method: 'POST',
        origin: url.origin,
        path: url.pathname + url.search,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'ug-ai-hub',
          'x-hub-signature': signWebhook(webhook.secret, Math.floor(Date.now() / 1000), body),
        },
        body: Buffer.from(body),
        allowPrivateNetwork: webhook.allowPrivateNetwork,
        signal: new Cancellation(),
      });
      await response.body.collect(ANSWER_BYTES_MAX).catch(() => undefined);
      return response.status >= 200 && response.status < 300 ? undefined : `the receiver answered ${response.status}`;
    } catch (error) {
      return reasonOf(error);
    }
  }

  /** Breaks off what is on its way. */
  async close(): Promise<void> {
    await this.client.close();
  }
}

/** Kind and code of the failure. Not its text, which may quote what was sent or where to. */
function reasonOf(error: unknown): string {
  if (!(error instanceof ProviderError)) return Error.isError(error) ? error.name : 'unknown failure';
  const { cause } = error;
  const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : undefined;
  if (code === 'HUB_ADDRESS_REFUSED') {
    return 'its address is private; HUB_ALERT_WEBHOOK_ALLOW_PRIVATE=true allows that';
  }
  return code === undefined ? error.kind : `${error.kind} (${code})`;
}
