import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../../auth/permission.decorator.js';
import { ApiOperation } from '../../common/api-operation.decorator.js';
import { readBody } from '../../common/read-body.js';
import { requireJson } from '../../common/require-json.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import {
  completionsOperation,
  moderationsOperation,
  rerankOperation,
} from '../../docs/operations/passed.operations.js';
import { AnswerSender } from '../answer-sender.js';
import { CompletionsService } from './completions.service.js';
import { ModerationsService } from './moderations.service.js';
import { RerankService } from './rerank.service.js';

/** completions, moderations and rerank. */
@Controller('api/relay/v1')
@RequireApiKey('relay')
export class PassedController {
  constructor(
    @Inject(CompletionsService) private readonly completions: CompletionsService,
    @Inject(ModerationsService) private readonly moderations: ModerationsService,
    @Inject(RerankService) private readonly reranks: RerankService,
    @Inject(AnswerSender) private readonly sender: AnswerSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post('completions')
  @ApiOperation(completionsOperation)
  async complete(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = await this.readJson(request);
    await this.sender.answer(request, reply, (context) => this.completions.complete(context, body));
  }

  @Post('moderations')
  @ApiOperation(moderationsOperation)
  async moderate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = await this.readJson(request);
    await this.sender.answer(request, reply, (context) => this.moderations.moderate(context, body));
  }

  @Post('rerank')
  @ApiOperation(rerankOperation)
  async rerank(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = await this.readJson(request);
    await this.sender.answer(request, reply, (context) => this.reranks.rerank(context, body));
  }

  private async readJson(request: FastifyRequest): Promise<Uint8Array> {
    requireJson(request);
    return await readBody(request.raw, this.settings.server.bodyBytesMax);
  }
}
