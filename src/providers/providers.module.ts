import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { Provider } from './provider.js';
import { ProviderRegistry } from './provider-registry.js';
import { UpstreamClient, type UpstreamClientOptions, type UpstreamLimits } from './transport/upstream-client.js';

/** Injection token of the {@link UpstreamClient} for task APIs: short answers, so short deadlines. */
export const TASK_CLIENT = Symbol('TaskClient');

/** A submission may carry a picture of some megabytes. Milliseconds. */
const TASK_LIMITS: Omit<UpstreamLimits, 'connectTimeoutMs'> = {
  headersTimeoutMs: 60_000,
  idleTimeoutMs: 30_000,
  totalTimeoutMs: 120_000,
  connectionsMax: 256,
};

/** Which upstream services there are, and the one way to reach them. */
@Module({})
export class ProvidersModule implements OnApplicationShutdown {
  constructor(
    private readonly client: UpstreamClient,
    @Inject(TASK_CLIENT) private readonly taskClient: UpstreamClient,
  ) {}

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
        {
          provide: TASK_CLIENT,
          useFactory: ({ upstream }: Settings) =>
            new UpstreamClient({ ...TASK_LIMITS, connectTimeoutMs: upstream.connectTimeoutMs }, client),
          inject: [SETTINGS],
        },
      ],
      exports: [ProviderRegistry, UpstreamClient, TASK_CLIENT],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.client.close(), this.taskClient.close()]);
  }
}
