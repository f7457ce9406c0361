import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiUndocumented } from '../common/api-operation.decorator.js';
import { Public } from '../common/public.decorator.js';
import { readBody } from '../common/read-body.js';
import { Throttled } from '../limits/throttled.decorator.js';
import { CallbacksService } from './callbacks.service.js';

const BODY_BYTES_MAX = 1024 * 1024;

/** Where providers report that a task has got further. The signature is checked over the bytes as they came. */
@Controller('api/callbacks')
@Public()
@Throttled('callback')
export class CallbacksController {
  constructor(@Inject(CallbacksService) private readonly callbacks: CallbacksService) {}

  @Post(':channel')
  @HttpCode(200)
  @ApiUndocumented('providers call it, not callers')
  async take(@Param('channel') channel: string, @Req() request: FastifyRequest): Promise<object> {
    const receiver = await this.callbacks.receiverOf(channel);
    const body = await readBody(request.raw, BODY_BYTES_MAX);
    await this.callbacks.take(receiver, request.raw.headers, body, Date.now());
    return { success: true, data: {} };
  }
}
