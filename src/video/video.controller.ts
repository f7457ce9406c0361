import { Controller, Get, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth/caller-of.js';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readQuery } from '../common/read-query.js';
import {
  videoCancelOperation,
  videoContentOperation,
  videoEventsOperation,
  videoJobsOperation,
  videoModelsOperation,
  videoStatusOperation,
  videoSubmitOperation,
} from '../docs/operations/video.operations.js';
import { JobDesk } from './job-desk.js';
import { JobEvents } from './job-events.js';
import { readCancel } from './read-cancel.js';
import { readResultIndex } from './read-result-index.js';
import { readVideoSubmission } from './read-video-submission.js';
import { VideoModels } from './video-models.js';

/** Videos as jobs. */
@Controller('api/video')
@RequireApiKey('video')
export class VideoController {
  constructor(
    @Inject(JobDesk) private readonly desk: JobDesk,
    @Inject(JobEvents) private readonly jobEvents: JobEvents,
    @Inject(VideoModels) private readonly videoModels: VideoModels,
  ) {}

  @Post('submit')
  @ApiOperation(videoSubmitOperation)
  async submit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.desk.submit(request, reply, 'video', readVideoSubmission);
  }

  @Get('status')
  @ApiOperation(videoStatusOperation)
  async status(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    reply.header('cache-control', 'no-store');
    return await this.desk.status(request, 'video', readQuery(request.query, ['jobId']).jobId);
  }

  @Get('jobs')
  @ApiOperation(videoJobsOperation)
  async jobs(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    reply.header('cache-control', 'no-store');
    return await this.desk.list(request, 'video');
  }

  @Post('cancel')
  @HttpCode(200)
  @ApiOperation(videoCancelOperation)
  async cancel(@Req() request: FastifyRequest): Promise<object> {
    return await this.desk.cancel(request, 'video', await readCancel(request));
  }

  @Get('events')
  @ApiOperation(videoEventsOperation)
  async events(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { jobId } = readQuery(request.query, ['jobId']);
    await this.jobEvents.send(request, reply, await this.desk.find(request, 'video', jobId));
  }

  @Get('models')
  @ApiOperation(videoModelsOperation)
  models(@Req() request: FastifyRequest): object {
    return { success: true, data: { items: this.videoModels.list(callerOf(request)) } };
  }

  @Get('content')
  @ApiOperation(videoContentOperation)
  async content(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { jobId, index } = readQuery(request.query, ['jobId', 'index']);
    const place = readResultIndex(index);
    await this.desk.content(request, reply, await this.desk.find(request, 'video', jobId), place);
  }
}
