import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { embeddingsOperation } from '../docs/operations/embeddings.operations.js';
import { AnswerSender } from './answer-sender.js';
import { EmbeddingsService } from './embeddings.service.js';

/** embeddings. */
@Controller('api/relay/v1/embeddings')
@RequireApiKey('relay')
export class EmbeddingsController {
  constructor(
    @Inject(EmbeddingsService) private readonly embeddings: EmbeddingsService,
    @Inject(AnswerSender) private readonly sender: AnswerSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post()
  @ApiOperation(embeddingsOperation)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireJson(request);
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    await this.sender.answer(request, reply, (context) => this.embeddings.embed(context, body));
  }
}
