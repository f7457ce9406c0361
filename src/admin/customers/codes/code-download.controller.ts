import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiUndocumented } from '../../../common/api-operation.decorator.js';
import { formatCredits } from '../../../common/credits.js';
import { type CsvCell, openCsv } from '../../../common/csv.js';
import { HubError } from '../../../common/hub-error.js';
import { Public } from '../../../common/public.decorator.js';
import { CodeDownloads, type DownloadedCodes } from './code-downloads.js';

const HEADER = ['code', 'amount', 'expires_at'];
/** Lines that are written at a time. */
const PAGE_LINES = 1000;

/** Serves the codes of a new batch to whoever has the link, which is the permission. */
@Controller('api/admin/codes')
export class CodeDownloadController {
  constructor(@Inject(CodeDownloads) private readonly downloads: CodeDownloads) {}

  @Get(':token')
  @Public()
  @ApiUndocumented('The link is in the answer of the mutation `createRedemptionBatch`.')
  async download(
    @Param('token') token: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = await this.downloads.open(token, { address: request.ip, requestId: request.id });
    if (found === undefined) throw linkOver();
    const file = await openCsv(HEADER, pagesOf(found));
    reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="codes-${found.batchId}.csv"`)
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .header('x-content-type-options', 'nosniff')
      .send(file);
  }
}

function linkOver(): HubError {
  return new HubError({
    status: 404,
    code: 'not_found',
    message: 'There is nothing here, or the time for this download is over. Codes cannot be had again: make new ones.',
    headers: { 'cache-control': 'no-store' },
    shouldRetry: false,
  });
}

async function* pagesOf({ codes, amount, expiresAt }: DownloadedCodes): AsyncGenerator<readonly CsvCell[][]> {
  const rest = [formatCredits(amount), expiresAt?.toISOString() ?? ''];
  for (let at = 0; at < codes.length; at += PAGE_LINES) {
    yield codes.slice(at, at + PAGE_LINES).map((code) => [code, ...rest]);
  }
}
