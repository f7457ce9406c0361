import { type DynamicModule, type FactoryProvider, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { Provider } from './provider.js';
import { ProviderRegistry } from './provider-registry.js';
import { UpstreamClient, type UpstreamClientOptions, type UpstreamLimits } from './transport/upstream-client.js';

/** Injection token of the {@link UpstreamClient} that submits tasks: a submission may carry a picture of some megabytes. */
export const TASK_CLIENT = Symbol('TaskClient');
/** Injection token of the {@link UpstreamClient} that asks after tasks: short questions, asked again when they are not answered. */
export const TASK_STATUS_CLIENT = Symbol('TaskStatusClient');

/** Milliseconds. */
const TASK_LIMITS: Omit<UpstreamLimits, 'connectTimeoutMs'> = {
  headersTimeoutMs: 60_000,
  idleTimeoutMs: 30_000,
  totalTimeoutMs: 120_000,
  connectionsMax: 256,
};
const TASK_STATUS_LIMITS: typeof TASK_LIMITS = {
  ...TASK_LIMITS,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: 10_000,
  totalTimeoutMs: 30_000,
};

/** Which upstream services there are, and the one way to reach them. */
@Module({})
export class ProvidersModule implements OnApplicationShutdown {
  constructor(
    private readonly client: UpstreamClient,
    @Inject(TASK_CLIENT) private readonly taskClient: UpstreamClient,
    @Inject(TASK_STATUS_CLIENT) private readonly statusClient: UpstreamClient,
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
        taskClient(TASK_CLIENT, TASK_LIMITS, client),
        taskClient(TASK_STATUS_CLIENT, TASK_STATUS_LIMITS, client),
      ],
      exports: [ProviderRegistry, UpstreamClient, TASK_CLIENT, TASK_STATUS_CLIENT],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([this.client.close(), this.taskClient.close(), this.statusClient.close()]);
  }
}

function taskClient(provide: symbol, limits: typeof TASK_LIMITS, options: UpstreamClientOptions): FactoryProvider {
  return {
    provide,
    useFactory: ({ upstream }: Settings) =>
      new UpstreamClient({ ...limits, connectTimeoutMs: upstream.connectTimeoutMs }, options),
    inject: [SETTINGS],
  };
}
