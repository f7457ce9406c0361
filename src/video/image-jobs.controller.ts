import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readQuery } from '../common/read-query.js';
import {
  imageCancelOperation,
  imageContentOperation,
  imageEventsOperation,
  imageJobsOperation,
  imageStatusOperation,
  imageSubmitOperation,
} from '../docs/operations/image-jobs.operations.js';
import { JobDesk } from './job-desk.js';
import { JobEvents } from './job-events.js';
import { readCancel } from './read-cancel.js';
import { readImageSubmission } from './read-image-submission.js';
import { readResultIndex } from './read-result-index.js';

/** Pictures as jobs, for callers that do not wait for them. */
@Controller('api/image')
@RequireApiKey('relay', 'video')
export class ImageJobsController {
  constructor(
    @Inject(JobDesk) private readonly desk: JobDesk,
    @Inject(JobEvents) private readonly jobEvents: JobEvents,
  ) {}

  @Post('submit')
  @ApiOperation(imageSubmitOperation)
  async submit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.desk.submit(request, reply, 'image', readImageSubmission);
  }

  @Get('status')
  @ApiOperation(imageStatusOperation)
  async status(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    reply.header('cache-control', 'no-store');
    return await this.desk.status(request, 'image', readQuery(request.query, ['jobId']).jobId);
  }

  @Get('jobs')
  @ApiOperation(imageJobsOperation)
  async jobs(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    reply.header('cache-control', 'no-store');
    return await this.desk.list(request, 'image');
  }

  @Post('cancel')
  @HttpCode(200)
  @ApiOperation(imageCancelOperation)
  async cancel(@Req() request: FastifyRequest): Promise<object> {
    return await this.desk.cancel(request, 'image', await readCancel(request));
  }

  @Get('events')
  @ApiOperation(imageEventsOperation)
  async events(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { jobId } = readQuery(request.query, ['jobId']);
    await this.jobEvents.send(request, reply, await this.desk.find(request, 'image', jobId));
  }

  @Get('content')
  @ApiOperation(imageContentOperation)
  async content(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { jobId, index } = readQuery(request.query, ['jobId', 'index']);
    const place = readResultIndex(index);
    await this.desk.content(request, reply, await this.desk.find(request, 'image', jobId), place);
  }
}
