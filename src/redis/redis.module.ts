import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Settings } from '../config/settings.js';
import { RedisService } from './redis.service.js';

/** Redis where REDIS_URL names one; without it the same service says `disabled` and process memory serves. */
@Global()
@Module({})
export class RedisModule {
  static forRoot(settings: Settings): DynamicModule {
    return {
      module: RedisModule,
      providers: [{ provide: RedisService, useFactory: () => new RedisService(settings.redisUrl) }],
      exports: [RedisService],
    };
  }
}
