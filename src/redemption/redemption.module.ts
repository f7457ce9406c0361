import { Module } from '@nestjs/common';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { RedemptionController } from './redemption.controller.js';
import { RedemptionService } from './redemption.service.js';
import { LocalRedemptionThrottle, RedemptionThrottle } from './redemption-throttle.js';

/** Codes that turn into quota exactly once. */
@Module({
  imports: [IdempotencyModule],
  controllers: [RedemptionController],
  providers: [RedemptionService, { provide: RedemptionThrottle, useFactory: () => new LocalRedemptionThrottle() }],
  exports: [RedemptionService],
})
export class RedemptionModule {}
