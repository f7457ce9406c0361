import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../../auth/permission.decorator.js';
import { ApiOperation, ApiUndocumented } from '../../common/api-operation.decorator.js';
import { invalidRequest } from '../../common/hub-error.js';
import { readQuery } from '../../common/read-query.js';
import {
  createVideoOperation,
  deleteVideoOperation,
  downloadVideoOperation,
  getVideoOperation,
  listVideosOperation,
} from '../../docs/operations/openai-videos.operations.js';
import { JobDesk } from '../job-desk.js';
import { operationNotOffered } from '../video.errors.js';
import { OpenAiVideos, type VideoPage } from './openai-videos.js';
import { toVideoObject, type VideoObject } from './to-video-object.js';

const NO_SOURCES = 'This hub makes videos from texts and pictures only: it cannot start from another video.';
const WHY_UNDOCUMENTED = "A part of OpenAI's video API that is refused by name.";

/** OpenAI's video API, for its SDKs; the same jobs as /api/video. */
@Controller('api/relay/v1/videos')
@RequireApiKey('relay', 'video')
export class OpenAiVideosController {
  constructor(
    @Inject(OpenAiVideos) private readonly videos: OpenAiVideos,
    @Inject(JobDesk) private readonly desk: JobDesk,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation(createVideoOperation)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<VideoObject> {
    return await this.videos.create(request, reply);
  }

  @Get()
  @ApiOperation(listVideosOperation)
  async list(@Req() request: FastifyRequest): Promise<VideoPage> {
    return await this.videos.list(request);
  }

  @Post(['edits', 'extensions', 'characters', ':id/remix'])
  @ApiUndocumented(WHY_UNDOCUMENTED)
  refuse(): never {
    throw operationNotOffered(NO_SOURCES);
  }

  @Get('characters/:id')
  @ApiUndocumented(WHY_UNDOCUMENTED)
  refuseCharacter(): never {
    throw operationNotOffered('This hub keeps no characters.');
  }

  @Get(':id')
  @ApiOperation(getVideoOperation)
  async get(@Req() request: FastifyRequest, @Param('id') id: string): Promise<VideoObject> {
    return toVideoObject((await this.videos.find(request, id)).job);
  }

  @Delete(':id')
  @ApiOperation(deleteVideoOperation)
  async remove(@Req() request: FastifyRequest, @Param('id') id: string): Promise<object> {
    return await this.videos.remove(request, id);
  }

  @Get(':id/content')
  @ApiOperation(downloadVideoOperation)
  async content(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { variant = 'video' } = readQuery(request.query, ['variant']);
    if (variant !== 'video') throw invalidRequest('"variant" must be "video": the hub keeps nothing else.', 'variant');
    await this.desk.content(request, reply, await this.videos.find(request, id), 0);
  }
}
