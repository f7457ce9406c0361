import { Module } from '@nestjs/common';
import { JobsModule } from '../jobs/jobs.module.js';
import { DeliveryStore } from './delivery-store.js';
import { WebhookDelivery } from './webhook-delivery.js';
import { WebhookMessages } from './webhook-messages.js';
import { WebhookSecretController } from './webhook-secret.controller.js';
import { WebhookSecrets } from './webhook-secrets.js';
import { WebhooksController } from './webhooks.controller.js';

/** Tells customers that their jobs are over. */
@Module({
  imports: [JobsModule],
  controllers: [WebhooksController, WebhookSecretController],
  providers: [DeliveryStore, WebhookDelivery, WebhookMessages, WebhookSecrets],
  exports: [DeliveryStore, WebhookDelivery],
})
export class WebhooksModule {}
