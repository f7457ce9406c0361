import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Periodic } from '../common/periodic.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { DatabaseUnavailableError } from '../database/database-error.js';
import { MessagePost, type PostOutcome } from '../providers/transport/message-post.js';
import type { UpstreamLimits } from '../providers/transport/upstream-client.js';
import { DeliverySlots } from './delivery-slots.js';
import { type ClaimedDelivery, DeliveryStore } from './delivery-store.js';
import { messageIdOf } from './message-id.js';
import { retryPauseSeconds } from './retry-pause.js';
import { signMessage } from './sign-message.js';
import { WebhookMessages } from './webhook-messages.js';
import { WebhookSecrets } from './webhook-secrets.js';

const POLL_MS = 1_000;
/** Short: the receiver has only to say that it got the message. */
const LIMITS: UpstreamLimits = {
  connectTimeoutMs: 3_000,
  headersTimeoutMs: 10_000,
  idleTimeoutMs: 3_000,
  totalTimeoutMs: 10_000,
  connectionsMax: 4,
};
/** The receiver asks not to be told again (Standard Webhooks). */
const GONE = 410;

/**
 * Takes the messages about jobs to their customers. Every instance runs it; a message is claimed before it is sent, so that one
 * instance at a time works on it. Delivery is at least once: a process that dies after sending has not noted it.
 */
@Injectable()
export class WebhookDelivery implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Webhook');
  private readonly periodic = new Periodic(
    () => this.startDue(),
    POLL_MS,
    (error) => this.logger.warn(`Webhooks could not be delivered: ${(error as Error).message}`),
  );
  private readonly slots = new DeliverySlots();
  private readonly underWay = new Set<Promise<void>>();
  private readonly post = new MessagePost(LIMITS, 'HUB_WEBHOOK_ALLOW_PRIVATE');
  private isStopping = false;

  constructor(
    @Inject(DeliveryStore) private readonly store: DeliveryStore,
    @Inject(WebhookMessages) private readonly messages: WebhookMessages,
    @Inject(WebhookSecrets) private readonly secrets: WebhookSecrets,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    this.periodic.start();
    this.periodic.runSoon();
  }

  async onModuleDestroy(): Promise<void> {
    this.isStopping = true;
    await Promise.all([this.periodic.stop(), this.post.close()]);
    await Promise.all(this.underWay);
  }

  /** A message has been written: looks now rather than with the next poll. */
  wake(): void {
    this.periodic.runSoon();
  }

  /** Sends off what is due, as far as there is room; does not wait for the receivers. */
  async startDue(): Promise<void> {
    while (!this.isStopping && !this.slots.isFull) {
      const claimed = await this.store.claim(this.slots.fullHosts, this.slots.fullAccounts);
      if (claimed === undefined) return;
      const giveFree = this.slots.take(claimed.host, claimed.accountId);
      const run = this.deliver(claimed).finally(() => {
        giveFree();
        this.underWay.delete(run);
        // What had to wait for this receiver, account or place has its turn.
        this.periodic.runSoon();
      });
      this.underWay.add(run);
    }
  }

  /** Never throws. What cannot be noted is tried again when the claim has run out. */
  private async deliver(claimed: ClaimedDelivery): Promise<void> {
    try {
      const outcome = await this.attempt(claimed);
      // A stop broke it off, or may have.
      if (outcome.failure !== undefined && this.isStopping) await this.store.handBack(claimed);
      else await this.note(claimed, outcome);
    } catch (error) {
      this.logger.warn(`The outcome of webhook ${messageIdOf(claimed.id)} was not noted: ${(error as Error).message}`);
    }
  }

  private async attempt(claimed: ClaimedDelivery): Promise<PostOutcome & { readonly isFinal?: boolean }> {
    try {
      const body = await this.messages.bodyOf(claimed.accountId, claimed.jobId);
      if (body === undefined) return { failure: 'the job was deleted', isFinal: true };
      const id = messageIdOf(claimed.id);
      const timestamp = Math.floor(Date.now() / 1000);
      const secrets = await this.secrets.signing(claimed.accountId);
      return await this.post.post({
        url: claimed.url,
        headers: {
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': signMessage(secrets, { id, timestamp, body }),
        },
        body,
        allowPrivateNetwork: this.settings.webhooks.allowPrivateNetwork,
      });
    } catch (error) {
      if (error instanceof DatabaseUnavailableError) throw error;
      this.logger.error(`Webhook ${messageIdOf(claimed.id)} could not be made: ${(error as Error).message}`);
      return { failure: 'the hub could not make the message' };
    }
  }

  private async note(claimed: ClaimedDelivery, outcome: PostOutcome & { readonly isFinal?: boolean }): Promise<void> {
    const { status, failure } = outcome;
    if (failure === undefined) {
      await this.store.succeed(claimed, status);
      return;
    }
    const isOver = await this.store.fail(claimed, {
      status,
      reason: failure,
      pauseSeconds: retryPauseSeconds(claimed.attempt, Math.random()),
      isFinal: outcome.isFinal ?? status === GONE,
    });
    if (!isOver) return;
    const { id, accountId, attempt } = claimed;
    this.logger.warn(
      `Webhook ${messageIdOf(id)} of account ${accountId} is given up after ${attempt} attempts: ${failure}`,
    );
  }
}
