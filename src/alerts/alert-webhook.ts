import { Inject, Injectable } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { MessagePost } from '../providers/transport/message-post.js';
import type { UpstreamLimits } from '../providers/transport/upstream-client.js';
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
  private readonly messages = new MessagePost(LIMITS, 'HUB_ALERT_WEBHOOK_ALLOW_PRIVATE');

  constructor(@Inject(SETTINGS) private readonly settings: Settings) {}

  /**
   * Posts one message; takes about ten seconds at most.
   *
   * @returns undefined when the receiver answered 2xx, else why it did not get there, without secrets.
   */
  async post(message: AlertMessage): Promise<string | undefined> {
    const { webhook } = this.settings.alerts;
    if (webhook === undefined) return undefined;
    const body = JSON.stringify(message);
    const { failure } = await this.messages.post({
      url: webhook.url,
      headers: { 'x-hub-signature': signWebhook(webhook.secret, Math.floor(Date.now() / 1000), body) },
      body,
      allowPrivateNetwork: webhook.allowPrivateNetwork,
    });
    return failure;
  }

  /** Breaks off what is on its way. */
  async close(): Promise<void> {
    await this.messages.close();
  }
}
