import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { rotateWebhookSecretOperation, webhookSecretOperation } from '../docs/operations/webhooks.operations.js';
import { Throttled } from '../limits/throttled.decorator.js';
import { type WebhookSecret, WebhookSecrets } from './webhook-secrets.js';

/** What signs the messages to an account. */
@Controller('api/user/webhook-secret')
@RequireApiKey('user')
@Throttled('webhooks')
export class WebhookSecretController {
  constructor(@Inject(WebhookSecrets) private readonly secrets: WebhookSecrets) {}

  @Get()
  @ApiOperation(webhookSecretOperation)
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.secrets.of(callerOf(request).accountId));
  }

  @Post('rotate')
  @HttpCode(200)
  @ApiOperation(rotateWebhookSecretOperation)
  async rotate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    send(reply, await this.secrets.rotate(callerOf(request).accountId));
  }
}

function send(reply: FastifyReply, { secret, createdAt, previousUntil }: WebhookSecret): void {
  const data = {
    secret,
    createdAt: createdAt.toISOString(),
    previousValidUntil: previousUntil === null ? null : previousUntil.toISOString(),
  };
  reply.header('cache-control', 'no-store').send({ success: true, data });
}
