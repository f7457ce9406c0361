import { Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readBody } from '../common/read-body.js';
import { readQuery } from '../common/read-query.js';
import { requireJson } from '../common/require-json.js';
import { redeliverWebhookOperation, webhookDeliveriesOperation } from '../docs/operations/webhooks.operations.js';
import { jobNotFound } from '../jobs/job.errors.js';
import { fromPublicJobId, toPublicJobId } from '../jobs/job.js';
import { Throttled } from '../limits/throttled.decorator.js';
import { type Delivery, DeliveryStore } from './delivery-store.js';
import { messageIdOf } from './message-id.js';
import { readJobId } from './read-job-id.js';
import { WebhookDelivery } from './webhook-delivery.js';

/** A job's id and nothing else. */
const BODY_BYTES_MAX = 16 * 1024;

/** What has become of the messages about a job. */
@Controller('api/video/webhooks')
@RequireApiKey('video')
@Throttled('webhooks')
export class WebhooksController {
  constructor(
    @Inject(DeliveryStore) private readonly store: DeliveryStore,
    @Inject(WebhookDelivery) private readonly delivery: WebhookDelivery,
  ) {}

  @Get()
  @ApiOperation(webhookDeliveriesOperation)
  async list(@Req() request: FastifyRequest): Promise<object> {
    const id = toStoredId(readJobId(readQuery(request.query, ['jobId'])));
    const deliveries = await this.store.list(callerOf(request).accountId, id);
    return { success: true, data: { jobId: toPublicJobId(id), deliveries: deliveries.map(present) } };
  }

  @Post('redeliver')
  @HttpCode(200)
  @ApiOperation(redeliverWebhookOperation)
  async redeliver(@Req() request: FastifyRequest): Promise<object> {
    requireJson(request);
    const id = toStoredId(readJobId(await readBody(request.raw, BODY_BYTES_MAX)));
    const { accountId } = callerOf(request);
    await this.store.redeliver(accountId, id);
    this.delivery.wake();
    const deliveries = await this.store.list(accountId, id);
    return { success: true, data: { jobId: toPublicJobId(id), deliveries: deliveries.map(present) } };
  }
}

/** What cannot be an id is not the id of a job. */
function toStoredId(jobId: string): string {
  const id = fromPublicJobId(jobId);
  if (id === undefined) throw jobNotFound();
  return id;
}

function present(delivery: Delivery): object {
  const isWaiting = delivery.nextAttemptAt !== null;
  return {
    messageId: messageIdOf(delivery.id),
    status: isWaiting ? 'pending' : delivery.deliveredAt === null ? 'failed' : 'delivered',
    attempts: delivery.attempts,
    lastStatus: delivery.lastStatus,
    lastError: delivery.lastError,
    nextAttemptAt: delivery.nextAttemptAt?.toISOString() ?? null,
    deliveredAt: delivery.deliveredAt?.toISOString() ?? null,
    createdAt: delivery.createdAt.toISOString(),
  };
}
