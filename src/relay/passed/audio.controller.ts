import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RequireApiKey } from '../../auth/permission.decorator.js';
import { ApiOperation } from '../../common/api-operation.decorator.js';
import { readBody } from '../../common/read-body.js';
import { requireJson } from '../../common/require-json.js';
import { SETTINGS } from '../../config/config.module.js';
import type { Settings } from '../../config/settings.js';
import {
  speechOperation,
  transcriptionsOperation,
  translationsOperation,
} from '../../docs/operations/audio.operations.js';
import { AnswerSender } from '../answer-sender.js';
import { SpeechService } from './speech.service.js';
import { TranscriptionsService } from './transcriptions.service.js';

/** audio/transcriptions, audio/translations and audio/speech. */
@Controller('api/relay/v1/audio')
@RequireApiKey('relay')
export class AudioController {
  constructor(
    @Inject(TranscriptionsService) private readonly transcriptions: TranscriptionsService,
    @Inject(SpeechService) private readonly speech: SpeechService,
    @Inject(AnswerSender) private readonly sender: AnswerSender,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  @Post('transcriptions')
  @ApiOperation(transcriptionsOperation)
  async transcribe(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.sender.answer(request, reply, (context) =>
      this.transcriptions.transcribe(context, request.raw, 'transcribe'),
    );
  }

  @Post('translations')
  @ApiOperation(translationsOperation)
  async translate(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.sender.answer(request, reply, (context) =>
      this.transcriptions.transcribe(context, request.raw, 'translate'),
    );
  }

  @Post('speech')
  @ApiOperation(speechOperation)
  async speak(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    requireJson(request);
    const body = await readBody(request.raw, this.settings.server.bodyBytesMax);
    await this.sender.answer(request, reply, (context) => this.speech.speak(context, body));
  }
}
