import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { ledgerOperation } from '../docs/operations/account.operations.js';
import { LedgerService } from './ledger.service.js';
import { ledgerBody, ledgerCsv } from './ledger-body.js';
import { readLedgerQuery } from './ledger-query.js';

/** What moved an account's money. */
@Controller('api/user/ledger')
@RequireApiKey('user')
export class LedgerController {
  constructor(@Inject(LedgerService) private readonly ledger: LedgerService) {}

  @Get()
  @ApiOperation(ledgerOperation)
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { accountId } = callerOf(request);
    const query = readLedgerQuery(request.query, request.headers.accept);
    reply.header('cache-control', 'no-store');
    if (query.format === 'json') {
      const entries = await this.ledger.list(accountId, query, query.limit + 1);
      reply.header('content-type', 'application/json; charset=utf-8').send(ledgerBody(entries, query.limit));
      return;
    }
    const csv = await ledgerCsv(this.ledger.pages(accountId, query, query.limit));
    reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="ledger.csv"')
      .send(csv);
  }
}
