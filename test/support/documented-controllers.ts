import { Controller, Delete, Get, Post } from '@nestjs/common';
import { ApiOperation } from '../../src/common/api-operation.decorator.js';
import { ledgerOperation, quotaOperation, redemptionOperation } from '../../src/docs/operations/account.operations.js';
import { chatCompletionsOperation, chatCompletionsQueryOperation } from '../../src/docs/operations/chat.operations.js';
import { embeddingsOperation } from '../../src/docs/operations/embeddings.operations.js';
import {
  imageCancelOperation,
  imageContentOperation,
  imageEventsOperation,
  imageJobsOperation,
  imageStatusOperation,
  imageSubmitOperation,
} from '../../src/docs/operations/image-jobs.operations.js';
import { imageEditsOperation, imageGenerationsOperation } from '../../src/docs/operations/images.operations.js';
import { getModelOperation, listModelsOperation } from '../../src/docs/operations/models.operations.js';
import {
  createVideoOperation,
  deleteVideoOperation,
  downloadVideoOperation,
  getVideoOperation,
  listVideosOperation,
} from '../../src/docs/operations/openai-videos.operations.js';
import {
  healthOperation,
  livenessOperation,
  readinessOperation,
} from '../../src/docs/operations/service.operations.js';
import { usageEventsOperation, usageOperation } from '../../src/docs/operations/usage.operations.js';
import {
  videoCancelOperation,
  videoContentOperation,
  videoEventsOperation,
  videoJobsOperation,
  videoModelsOperation,
  videoStatusOperation,
  videoSubmitOperation,
} from '../../src/docs/operations/video.operations.js';

// Controllers that document their routes and do nothing, for tests of the documentation itself.

@Controller('api/relay/v1')
export class RelayController {
  @Get('models')
  @ApiOperation(listModelsOperation)
  models(): void {}

  @Get(['models/:id', 'models/*'])
  @ApiOperation(getModelOperation)
  model(): void {}

  @Post('chat/completions')
  @ApiOperation(chatCompletionsOperation)
  chat(): void {}

  @Get('chat/completions')
  @ApiOperation(chatCompletionsQueryOperation)
  chatQuery(): void {}

  @Post('embeddings')
  @ApiOperation(embeddingsOperation)
  embeddings(): void {}

  @Post('images/generations')
  @ApiOperation(imageGenerationsOperation)
  generations(): void {}

  @Post('images/edits')
  @ApiOperation(imageEditsOperation)
  edits(): void {}
}

@Controller('api/user')
export class AccountController {
  @Get('quota')
  @ApiOperation(quotaOperation)
  quota(): void {}

  @Post('redemption')
  @ApiOperation(redemptionOperation)
  redemption(): void {}

  @Get('ledger')
  @ApiOperation(ledgerOperation)
  ledger(): void {}
}

@Controller('api/health')
export class HealthController {
  @Get()
  @ApiOperation(healthOperation)
  health(): void {}

  @Get('live')
  @ApiOperation(livenessOperation)
  live(): void {}

  @Get('ready')
  @ApiOperation(readinessOperation)
  ready(): void {}
}

@Controller('api/user')
export class UserController {
  @Get('usage')
  @ApiOperation(usageOperation)
  usage(): void {}

  @Get('usage/events')
  @ApiOperation(usageEventsOperation)
  usageEvents(): void {}
}

@Controller('api/video')
export class VideoController {
  @Post('submit')
  @ApiOperation(videoSubmitOperation)
  submit(): void {}

  @Get('status')
  @ApiOperation(videoStatusOperation)
  status(): void {}

  @Get('jobs')
  @ApiOperation(videoJobsOperation)
  jobs(): void {}

  @Post('cancel')
  @ApiOperation(videoCancelOperation)
  cancel(): void {}

  @Get('events')
  @ApiOperation(videoEventsOperation)
  events(): void {}

  @Get('models')
  @ApiOperation(videoModelsOperation)
  models(): void {}

  @Get('content')
  @ApiOperation(videoContentOperation)
  content(): void {}
}

@Controller('api/image')
export class ImageJobsController {
  @Post('submit')
  @ApiOperation(imageSubmitOperation)
  submit(): void {}

  @Get('status')
  @ApiOperation(imageStatusOperation)
  status(): void {}

  @Get('jobs')
  @ApiOperation(imageJobsOperation)
  jobs(): void {}

  @Post('cancel')
  @ApiOperation(imageCancelOperation)
  cancel(): void {}

  @Get('events')
  @ApiOperation(imageEventsOperation)
  events(): void {}

  @Get('content')
  @ApiOperation(imageContentOperation)
  content(): void {}
}

@Controller('api/relay/v1/videos')
export class OpenAiVideosController {
  @Post()
  @ApiOperation(createVideoOperation)
  create(): void {}

  @Get()
  @ApiOperation(listVideosOperation)
  list(): void {}

  @Get(':id')
  @ApiOperation(getVideoOperation)
  get(): void {}

  @Delete(':id')
  @ApiOperation(deleteVideoOperation)
  remove(): void {}

  @Get(':id/content')
  @ApiOperation(downloadVideoOperation)
  content(): void {}
}
