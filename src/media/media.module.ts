import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { UpstreamClientOptions } from '../providers/transport/upstream-client.js';
import { Custody } from './custody.js';
import { MediaController } from './media.controller.js';
import { MediaFetcher } from './media-fetcher.js';
import { MediaRoom } from './media-room.js';
import { MediaSender } from './media-sender.js';
import { ResultFiles } from './result-files.js';
import { ResultLinks } from './result-links.js';
import { ResultSweeper } from './result-sweeper.js';
import { MediaStorage } from './storage/media-storage.js';
import { openStorage } from './storage/open-storage.js';

/** Custody of results: kept, handed out by link, deleted when their time is over. */
@Module({})
export class MediaModule implements OnApplicationShutdown {
  constructor(
    private readonly fetcher: MediaFetcher,
    private readonly storage: MediaStorage,
  ) {}

  /** @param client what tests replace in the transport. */
  static forRoot(client: UpstreamClientOptions = {}): DynamicModule {
    return {
      module: MediaModule,
      global: true,
      imports: [AlertsModule],
      controllers: [MediaController],
      providers: [
        { provide: MediaStorage, useFactory: (settings: Settings) => openStorage(settings.media), inject: [SETTINGS] },
        { provide: MediaFetcher, useFactory: () => new MediaFetcher(client) },
        Custody,
        MediaRoom,
        MediaSender,
        ResultFiles,
        ResultLinks,
        ResultSweeper,
      ],
      exports: [Custody, MediaFetcher, MediaSender],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.fetcher.close();
    await this.storage.close();
  }
}
