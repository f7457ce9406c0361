import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ImageJobsController } from './image-jobs.controller.js';
import { JobDesk } from './job-desk.js';
import { JobEvents } from './job-events.js';
import { JobStreams } from './job-streams.js';
import { OpenAiVideosController } from './openai/openai-videos.controller.js';
import { OpenAiVideos } from './openai/openai-videos.js';
import { VideoController } from './video.controller.js';
import { VideoModels } from './video-models.js';

/** What callers see of jobs: videos, pictures that nobody waits for, and OpenAI's video API. */
@Module({
  imports: [AuthModule, JobsModule],
  controllers: [VideoController, ImageJobsController, OpenAiVideosController],
  providers: [JobDesk, JobEvents, JobStreams, OpenAiVideos, VideoModels],
})
export class VideoModule {}
