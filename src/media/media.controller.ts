import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiUndocumented } from '../common/api-operation.decorator.js';
import { Public } from '../common/public.decorator.js';
import { fromPublicJobId } from '../jobs/job.js';
import { fileNameOf } from './file-name.js';
import { resultNotFound } from './media.errors.js';
import { MediaSender } from './media-sender.js';
import { ResultFiles } from './result-files.js';
import { ResultLinks } from './result-links.js';

const PLACE = /^(0|[1-9]\d{0,3})$/;

/** Serves results to whoever has a link, which is the permission. */
@Controller('api/media')
export class MediaController {
  constructor(
    @Inject(ResultLinks) private readonly links: ResultLinks,
    @Inject(ResultFiles) private readonly files: ResultFiles,
    @Inject(MediaSender) private readonly sender: MediaSender,
  ) {}

  @Get(':jobId/:place')
  @Public()
  @ApiUndocumented('Links to results are handed out in answers.')
  async read(
    @Param('jobId') publicId: string,
    @Param('place') place: string,
    @Query() query: Readonly<Record<string, unknown>>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const jobId = fromPublicJobId(publicId);
    if (jobId === undefined || !PLACE.test(place)) throw resultNotFound();
    if (!this.links.isGenuine(jobId, place, query['expires'], query['signature'])) throw resultNotFound();
    const output = await this.files.find(jobId, Number(place));
    if (output === undefined) throw resultNotFound();
    await this.sender.send(request, reply, output, fileNameOf(publicId, output));
  }
}
