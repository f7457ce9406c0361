import { type DynamicModule, Module, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { Provider } from './provider.js';
import { ProviderRegistry } from './provider-registry.js';
import { UpstreamClient, type UpstreamClientOptions } from './transport/upstream-client.js';

/** Which upstream services there are, and the one way to reach them. */
@Module({})
export class ProvidersModule implements OnApplicationShutdown {
  constructor(private readonly client: UpstreamClient) {}

  /**
   * @param providers every provider of this process, the sandbox included where it runs.
   * @param client what tests replace in the transport.
   */
  static forRoot(providers: readonly Provider[], client: UpstreamClientOptions = {}): DynamicModule {
    return {
      module: ProvidersModule,
      global: true,
      providers: [
        { provide: ProviderRegistry, useFactory: () => new ProviderRegistry(providers) },
        {
          provide: UpstreamClient,
          useFactory: (settings: Settings) => new UpstreamClient(settings.upstream, client),
          inject: [SETTINGS],
        },
      ],
      exports: [ProviderRegistry, UpstreamClient],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client.close();
  }
}
