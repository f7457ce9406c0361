import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { imageEditsOperation, imageGenerationsOperation } from '../docs/operations/images.operations.js';
import { AnswerSender } from './answer-sender.js';
import { ImageEditsService } from './image-edits.service.js';
import { ImagesService } from './images.service.js';

/** images/generations and images/edits. */
@Controller('api/relay/v1/images')
@RequireApiKey('relay')
export class ImagesController {
  constructor(
    @Inject(ImagesService) private readonly images: ImagesService,
    @Inject(AnswerSender) private readonly sender: AnswerSender,
    @Inject(ImageEditsService) private readonly edits: ImageEditsService,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post('generations')
  @ApiOperation(imageGenerationsOperation)
  async generate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireJson(request);
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    await this.sender.answer(request, reply, (context) => this.images.generate(context, body));
  }

  @Post('edits')
  @ApiOperation(imageEditsOperation)
  async edit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.sender.answer(request, reply, (context) => this.edits.edit(context, request.raw));
  }
}
