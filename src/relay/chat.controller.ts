import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../auth/permission.decorator.js';
import { ApiOperation } from '../common/api-operation.decorator.js';
import { readBody } from '../common/read-body.js';
import { requireJson } from '../common/require-json.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { chatCompletionsOperation, chatCompletionsQueryOperation } from '../docs/operations/chat.operations.js';
import { AnswerSender } from './answer-sender.js';
import { ChatService } from './chat.service.js';
import { queryToChatBody } from './query-to-chat-body.js';

/** chat/completions in its two forms. */
@Controller('api/relay/v1/chat/completions')
@RequireApiKey('relay')
export class ChatController {
  constructor(
    @Inject(ChatService) private readonly chat: ChatService,
    @Inject(AnswerSender) private readonly sender: AnswerSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post()
  @ApiOperation(chatCompletionsOperation)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireJson(request);
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    await this.sender.answer(request, reply, (context) => this.chat.complete(context, body));
  }

  @Get()
  @ApiOperation(chatCompletionsQueryOperation)
  async createFromQuery(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = queryToChatBody(request.query as Record<string, unknown>);
    await this.sender.answer(request, reply, (context) => this.chat.complete(context, body));
  }
}
