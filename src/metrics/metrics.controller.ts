import { Controller, Get, Inject, NotFoundException, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiUndocumented } from '../common/api-operation.decorator.js';
import { Public } from '../common/public.decorator.js';
import { Throttled } from '../limits/throttled.decorator.js';
import { MetricsService } from './metrics.service.js';
import { WorkersMetrics } from './workers-metrics.js';

/** The metrics as Prometheus reads them. Without the token there is nothing here, as far as anybody can tell. */
@Controller('metrics')
@Public()
// A scraper may share its address with callers, and must not go unanswered because of them.
@Throttled('none')
export class MetricsController {
  constructor(
    @Inject(MetricsService) private readonly metrics: MetricsService,
    @Inject(WorkersMetrics) private readonly workers: WorkersMetrics,
  ) {}

  @Get()
  @ApiUndocumented('for the monitoring of the operator, with a token of its own')
  async scrape(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!this.metrics.mayRead(request.headers.authorization)) {
      // As the answer to an address that does not exist.
      reply.header('connection', 'close');
      throw new NotFoundException();
    }
    const text = await this.workers.text();
    await reply.headers({ 'content-type': this.metrics.registry.contentType, 'cache-control': 'no-store' }).send(text);
  }
}
