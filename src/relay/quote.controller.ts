import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { quoteOperation } from '../docs/operations/quote.operations.js';
import { type Quote, QuoteService } from './quote.service.js';
import { toRelayContext } from './relay-context.js';

/** What a request would cost, before it is sent. */
@Controller('api/user/quote')
@RequireApiKey('user')
export class QuoteController {
  constructor(
    @Inject(QuoteService) private readonly quotes: QuoteService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation(quoteOperation)
  async quote(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ success: true; data: Quote }> {
    requireJson(request);
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    return { success: true, data: await this.quotes.quote(toRelayContext(request, reply), body) };
  }
}
