import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { Public } from '../common/public.decorator.js';
import { healthOperation, livenessOperation, readinessOperation } from '../docs/operations/service.operations.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { Throttled } from '../limits/throttled.decorator.js';
import { type HealthReport, HealthService } from './health.service.js';

/** Health for people and orchestrators, open to everybody; says nothing that helps an attacker. */
@Controller('api/health')
@Public()
export class HealthController {
  constructor(
    @Inject(HealthService) private readonly health: HealthService,
    @Inject(Lifecycle) private readonly lifecycle: Lifecycle,
  ) {}

  @Get()
  @ApiOperation(healthOperation)
  async check(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    return answer(reply, await this.health.check());
  }

  // Probes of an orchestrator may share an address with everybody else, and must not go unanswered.
  @Get('live')
  @Throttled('none')
  @ApiOperation(livenessOperation)
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @Throttled('none')
  @ApiOperation(readinessOperation)
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthReport> {
    const report = await this.health.check();
    return answer(reply, this.lifecycle.isDraining ? { ...report, status: 'error' } : report);
  }
}

function answer(reply: FastifyReply, report: HealthReport): HealthReport {
  reply.header('cache-control', 'no-store').status(report.status === 'ok' ? 200 : 503);
  return report;
}
