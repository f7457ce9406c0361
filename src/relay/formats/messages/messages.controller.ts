import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../../../auth/caller-of.js';
import { RequireApiKey } from '../../../auth/permission.decorator.js';
import { ApiOperation } from '../../../common/api-operation.decorator.js';
import { invalidRequest } from '../../../common/hub-error.js';
import { readBody } from '../../../common/read-body.js';
import { requireJson } from '../../../common/require-json.js';
import { SETTINGS } from '../../../config/config.module.js';
import type { Settings } from '../../../config/settings.js';
import {
  anthropicModelOperation,
  anthropicModelsOperation,
  countTokensOperation,
  messagesOperation,
} from '../../../docs/operations/messages.operations.js';
import { AnswerSender } from '../../answer-sender.js';
import { ChatService } from '../../chat.service.js';
import { toRelayContext } from '../../relay-context.js';
import { messagesFormat } from './messages.format.js';
import { MessagesModels, type ModelInfo, type ModelPage } from './messages-models.js';
import { TokenCounts } from './token-counts.js';

/** What the header may hold: names of betas, each with its date. */
const BETAS = /^[\w.,\- ]{1,2048}$/;

/** Anthropic's API, for its official clients and command-line tools. */
@Controller('api/relay/anthropic/v1')
@RequireApiKey('relay')
export class MessagesController {
  constructor(
    @Inject(ChatService) private readonly chat: ChatService,
    @Inject(AnswerSender) private readonly sender: AnswerSender,
    @Inject(TokenCounts) private readonly counts: TokenCounts,
    @Inject(MessagesModels) private readonly models: MessagesModels,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post('messages')
  @ApiOperation(messagesOperation)
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const body = await this.bodyOf(request, reply);
    const format = messagesFormat(betasOf(request));
    await this.sender.answer(request, reply, (context) => this.chat.complete(context, body, format));
  }

  @Post('messages/count_tokens')
  @HttpCode(200)
  @ApiOperation(countTokensOperation)
  async count(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ input_tokens: number }> {
    const body = await this.bodyOf(request, reply);
    return { input_tokens: await this.counts.count(toRelayContext(request, reply), body) };
  }

  @Get('models')
  @ApiOperation(anthropicModelsOperation)
  list(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): ModelPage {
    named(request, reply);
    return this.models.page(callerOf(request), request.query);
  }

  // A wildcard, since model ids may contain slashes.
  @Get('models/*')
  @ApiOperation(anthropicModelOperation)
  get(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('*') id: string,
  ): ModelInfo {
    named(request, reply);
    return this.models.get(callerOf(request), id);
  }

  private bodyOf(request: FastifyRequest, reply: FastifyReply): Promise<Uint8Array> {
    named(request, reply);
    requireJson(request);
    return readBody(request.raw, this.settings.server.bodyBytesMax);
  }
}

/** Says the id of the request under the name by which the vendor's clients look for it; errors do so by themselves. */
function named(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('request-id', request.id);
}

/** @throws HubError 400 for a header that names no betas. */
function betasOf({ headers }: FastifyRequest): Readonly<Record<string, string>> {
  const betas = [headers['anthropic-beta'] ?? []].flat().join(',');
  if (betas === '') return {};
  if (!BETAS.test(betas))
    throw invalidRequest('The header "anthropic-beta" must be a list of names, with commas between.');
  return { 'anthropic-beta': betas };
}
