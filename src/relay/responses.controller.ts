import { Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation, ApiUndocumented } from '../common/api-operation.decorator.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { responsesOperation } from '../docs/operations/openai-responses.operations.js';
import { AnswerSender } from './answer-sender.js';
import { ChatService } from './chat.service.js';
import { RESPONSES } from './formats/responses/responses.format.js';
import { noStoredResponse } from './relay.errors.js';

const STATELESS = 'It answers that the hub keeps no responses, in place of a 404 that does not say why.';

/** OpenAI's /responses. What OpenAI offers for stored responses is answered with the reason why there are none. */
@Controller('api/relay/v1/responses')
@RequireApiKey('relay')
export class ResponsesController {
  constructor(
    @Inject(ChatService) private readonly chat: ChatService,
    @Inject(AnswerSender) private readonly sender: AnswerSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post()
  @ApiOperation(responsesOperation)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireJson(request);
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    await this.sender.answer(request, reply, (context) => this.chat.complete(context, body, RESPONSES));
  }

  @Get([':id', ':id/input_items'])
  @ApiUndocumented(STATELESS)
  get(): never {
    throw noStoredResponse();
  }

  @Delete(':id')
  @ApiUndocumented(STATELESS)
  remove(): never {
    throw noStoredResponse();
  }

  @Post(':id/cancel')
  @ApiUndocumented(STATELESS)
  cancel(): never {
    throw noStoredResponse();
  }
}
