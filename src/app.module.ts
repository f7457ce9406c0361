import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { AccountModule } from './account/account.module.js';
import { AlertsModule } from './alerts/alerts.module.js';
import { AuditModule } from './audit/audit.module.js';
import { BootstrapModule } from './bootstrap/bootstrap.module.js';
import { CallbacksModule } from './callbacks/callbacks.module.js';
import { ChannelsModule } from './channels/channels.module.js';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import type { Database } from './database/database.js';
import { DatabaseModule } from './database/database.module.js';
import { DocsModule } from './docs/docs.module.js';
import { HealthModule } from './health/health.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LifecycleModule } from './lifecycle/lifecycle.module.js';
import { LimitsModule } from './limits/limits.module.js';
import { MediaModule } from './media/media.module.js';
import { ObserversModule } from './observers/observers.module.js';
import type { Provider } from './providers/provider.js';
import { ProvidersModule } from './providers/providers.module.js';
import type { UpstreamClientOptions } from './providers/transport/upstream-client.js';
import { RedemptionModule } from './redemption/redemption.module.js';
import { RedisModule } from './redis/redis.module.js';
import { RelayModule } from './relay/relay.module.js';
import { RetentionModule } from './retention/retention.module.js';
import { SecretsModule } from './secrets/secrets.module.js';
import { UsageModule } from './usage/usage.module.js';
import { VideoModule } from './video/video.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** What the application is built from. */
export interface AppParts {
  readonly settings: Settings;
  /** An open database; it is closed with the application. */
  readonly database: Database;
  readonly providers: readonly Provider[];
  /** What tests replace in the transport. */
  readonly upstreamClient?: UpstreamClientOptions;
}

/** The whole application. */
@Module({})
export class AppModule {
  /** @param optional modules that a setting asks for. */
  static forRoot(parts: AppParts, optional: readonly Type[] = []): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(parts.settings),
        DatabaseModule.forRoot(parts.database),
        RedisModule.forRoot(parts.settings),
        SecretsModule,
        LifecycleModule,
        ObserversModule,
        ProvidersModule.forRoot(parts.providers, parts.upstreamClient),
        ChannelsModule,
        LimitsModule,
        BootstrapModule,
        RelayModule,
        JobsModule,
        VideoModule,
        AccountModule,
        RedemptionModule,
        AlertsModule,
        AuditModule,
        MediaModule.forRoot(parts.upstreamClient),
        UsageModule,
        RetentionModule,
        WebhooksModule,
        CallbacksModule,
        HealthModule,
        DocsModule,
        ...optional,
      ],
    };
  }
}
