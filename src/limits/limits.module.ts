import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import { AttemptThrottles } from './attempt-throttle.js';
import { FailedKeys } from './failed-keys.js';
import { HitStore } from './hit-store.js';
import { HitsModule } from './hits.module.js';
import { ThrottlerModule } from './nest-throttler.js';
import { RateLimiter } from './rate-limiter.js';
import { RedisGate } from './redis-gate.js';
import { ThrottleGuard } from './throttle.guard.js';
import { ThrottleStorage } from './throttle.storage.js';
import { ThrottleKinds } from './throttle-kinds.js';
import { throttleLimits } from './throttle-limits.js';
import { Throttler } from './throttler.js';

/** The limiter of the relay, the limits per address of the other routes, and what stops guessing. */
@Module({
  imports: [
    HitsModule,
    ThrottlerModule.forRootAsync({
      imports: [HitsModule],
      inject: [SETTINGS, HitStore],
      useFactory: (settings: Settings, store: HitStore) => ({
        throttlers: throttleLimits(settings.limits.publicRpm),
        storage: new ThrottleStorage(store),
        setHeaders: false,
      }),
    }),
  ],
  providers: [
    { provide: RateLimiter, inject: [RedisGate], useFactory: (gate: RedisGate) => new RateLimiter(gate) },
    { provide: FailedKeys, inject: [HitStore], useFactory: (store: HitStore) => new FailedKeys(store) },
    AttemptThrottles,
    ThrottleKinds,
    Throttler,
    { provide: APP_GUARD, useClass: ThrottleGuard },
  ],
  exports: [RateLimiter, FailedKeys, AttemptThrottles],
})
export class LimitsModule {}
