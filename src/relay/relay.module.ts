import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { BillingModule } from '../billing/billing.module.js';
import { CaptureModule } from '../capture/capture.module.js';
import { FilesModule } from '../files/files.module.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { MediaFetcher } from '../media/media-fetcher.js';
import { RoutingModule } from '../routing/routing.module.js';
import { AnswerSender } from './answer-sender.js';
import { Attempts } from './attempts.js';
import { ChatController } from './chat.controller.js';
import { ChatService } from './chat.service.js';
import { ChatAttempt } from './chat-attempt.js';
import { EmbeddingsController } from './embeddings.controller.js';
import { EmbeddingsService } from './embeddings.service.js';
import { MessagesController } from './formats/messages/messages.controller.js';
import { MessagesModels } from './formats/messages/messages-models.js';
import { MessagesRootController } from './formats/messages/messages-root.controller.js';
import { TokenCounts } from './formats/messages/token-counts.js';
import { ImageEditsService } from './image-edits.service.js';
import { ImageFormat } from './image-format.js';
import { ImageTasks } from './image-tasks.js';
import { ImagesController } from './images.controller.js';
import { ImagesService } from './images.service.js';
import { InlineMedia } from './inline-media.js';
import { LostPictures } from './lost-pictures.js';
import { ModelsController } from './models/models.controller.js';
import { ModelsService } from './models/models.service.js';
import { AudioController } from './passed/audio.controller.js';
import { CompletionsService } from './passed/completions.service.js';
import { ModerationsService } from './passed/moderations.service.js';
import { PassedController } from './passed/passed.controller.js';
import { PassedRequests } from './passed/passed-requests.js';
import { PassedStreams } from './passed/passed-streams.js';
import { RerankService } from './passed/rerank.service.js';
import { SpeechService } from './passed/speech.service.js';
import { TranscriptionsService } from './passed/transcriptions.service.js';
import { QuoteController } from './quote.controller.js';
import { QuoteService } from './quote.service.js';
import { ResponsesController } from './responses.controller.js';
import { RouteChooser } from './route-chooser.js';
import { RunRegistry } from './run-registry.js';
import { UpstreamSender } from './upstream-sender.js';

/** The public APIs that clients of vendors are pointed at. */
@Module({
  imports: [AuthModule, BillingModule, CaptureModule, FilesModule, IdempotencyModule, JobsModule, RoutingModule],
  controllers: [
    ModelsController,
    ChatController,
    ResponsesController,
    EmbeddingsController,
    ImagesController,
    QuoteController,
    MessagesController,
    MessagesRootController,
    PassedController,
    AudioController,
  ],
  providers: [
    AnswerSender,
    Attempts,
    ChatAttempt,
    ChatService,
    EmbeddingsService,
    ImageEditsService,
    ImageFormat,
    ImagesService,
    ImageTasks,
    {
      provide: InlineMedia,
      useFactory: (fetcher: MediaFetcher) => new InlineMedia(fetcher),
      inject: [MediaFetcher],
    },
    LostPictures,
    MessagesModels,
    ModelsService,
    QuoteService,
    PassedRequests,
    PassedStreams,
    CompletionsService,
    ModerationsService,
    RerankService,
    SpeechService,
    TranscriptionsService,
    RouteChooser,
    RunRegistry,
    TokenCounts,
    UpstreamSender,
  ],
  exports: [RunRegistry],
})
export class RelayModule {}
