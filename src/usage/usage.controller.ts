import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { invalidRequest } from '../common/hub-error.js';
import { readPageLimit } from '../common/keyset-cursor.js';
import { readQuery } from '../common/read-query.js';
import { usageEventsOperation, usageOperation } from '../docs/operations/usage.operations.js';
import { UsageService } from './usage.service.js';
import { UsageEventsService } from './usage-events.service.js';
import { USAGE_EVENT_PARAMETERS } from './usage-events-query.js';
import { USAGE_PARAMETERS } from './usage-query.js';

const PAGE = { standard: 100, max: 100 };

/** What the caller's account has used. */
@Controller('api/user/usage')
@RequireApiKey('user')
export class UsageController {
  constructor(
    @Inject(UsageService) private readonly usage: UsageService,
    @Inject(UsageEventsService) private readonly usageEvents: UsageEventsService,
  ) {}

  @Get()
  @ApiOperation(usageOperation)
  async report(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object | string> {
    const { after, limit, format, ...parameters } = readQuery(request.query, [
      ...USAGE_PARAMETERS,
      'after',
      'limit',
      'format',
    ]);
    const accountId = accountOf(request);
    reply.header('vary', 'accept').header('cache-control', 'no-store');
    if (isCsvWanted(format, request.headers.accept)) {
      refuseWithCsv({ after, limit });
      const text = await this.usage.csv(accountId, parameters);
      reply
        .header('content-type', 'text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="usage.csv"');
      return text;
    }
    const data = await this.usage.page(accountId, parameters, { after, limit: readPageLimit(limit, PAGE) });
    return { success: true, data };
  }

  @Get('events')
  @ApiOperation(usageEventsOperation)
  async events(@Req() request: FastifyRequest): Promise<object> {
    const { after, limit, ...parameters } = readQuery(request.query, [...USAGE_EVENT_PARAMETERS, 'after', 'limit']);
    const page = { after, limit: readPageLimit(limit, PAGE) };
    return { success: true, data: await this.usageEvents.page(accountOf(request), parameters, page) };
  }
}

function accountOf(request: FastifyRequest): string {
  if (request.caller === undefined) throw new Error('The handler was reached without an authenticated caller.');
  return request.caller.accountId;
}

/** The parameter decides; without it, a client that names CSV among the types it takes gets it. */
function isCsvWanted(format: string | undefined, accept: string | undefined): boolean {
  if (format === undefined) return /\btext\/csv\b/i.test(accept ?? '');
  if (format !== 'csv' && format !== 'json') throw invalidRequest('"format" must be json or csv.', 'format');
  return format === 'csv';
}

function refuseWithCsv(paging: Readonly<Record<'after' | 'limit', string | undefined>>): void {
  for (const [name, value] of Object.entries(paging)) {
    if (value !== undefined) throw invalidRequest(`A CSV file is never paged: leave "${name}" out.`, name);
  }
}
