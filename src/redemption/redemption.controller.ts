import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { redemptionOperation } from '../docs/operations/account.operations.js';
import { readIdempotencyKey, requestHash } from '../idempotency/idempotency-key.js';
import { readRedemption } from './read-redemption.js';
import { RedemptionService } from './redemption.service.js';

const ROUTE = 'POST /api/user/redemption';
/** A code and nothing else. */
const BODY_BYTES_MAX = 16 * 1024;

/** Codes that turn into quota. */
@Controller('api/user/redemption')
@RequireApiKey('user')
export class RedemptionController {
  constructor(@Inject(RedemptionService) private readonly redemptions: RedemptionService) {}

  @Post()
  @ApiOperation(redemptionOperation)
  async redeem(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireJson(request);
    const { accountId } = callerOf(request);
    const key = readIdempotencyKey(request.raw);
    const body = await readBody(request.raw, BODY_BYTES_MAX);
    const answer = await this.redemptions.redeem({
      accountId,
      code: readRedemption(body),
      address: request.ip,
      claim: key === undefined ? undefined : { accountId, route: ROUTE, key, hash: requestHash(ROUTE, body) },
    });
    if (answer.isReplay) reply.header('idempotent-replayed', 'true');
    reply.status(answer.status).headers(answer.headers).header('cache-control', 'no-store').send(answer.body);
  }
}
