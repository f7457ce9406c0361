import { Module } from '@nestjs/common';
import { RedisService } from '../redis/redis.service.js';
import { HitStore } from './hit-store.js';
import { RedisGate } from './redis-gate.js';

/** What the limits of this folder count with. */
@Module({
  providers: [
    { provide: RedisGate, inject: [RedisService], useFactory: (redis: RedisService) => new RedisGate(redis) },
    { provide: HitStore, inject: [RedisGate], useFactory: (gate: RedisGate) => new HitStore(gate) },
  ],
  exports: [RedisGate, HitStore],
})
export class HitsModule {}
