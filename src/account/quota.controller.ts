import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { quotaOperation } from '../docs/operations/account.operations.js';
import { QuotaService } from './quota.service.js';
import { quotaBody } from './quota-body.js';

/** What an account has and has used. */
@Controller('api/user/quota')
@RequireApiKey('user')
export class QuotaController {
  constructor(@Inject(QuotaService) private readonly quota: QuotaService) {}

  @Get()
  @ApiOperation(quotaOperation)
  async read(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { accountId, keyId } = callerOf(request);
    const body = quotaBody(await this.quota.read(accountId, keyId));
    reply.header('content-type', 'application/json; charset=utf-8').header('cache-control', 'no-store').send(body);
  }
}
