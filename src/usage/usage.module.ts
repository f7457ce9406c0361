import { Module } from '@nestjs/common';
import { UsageController } from './usage.controller.js';
import { UsageService } from './usage.service.js';
import { UsageEventsService } from './usage-events.service.js';
import { UsageRoller } from './usage-roller.js';

/** What was used: sums by the hour, kept up to date behind the relay's back, and the reports of them. */
@Module({
  controllers: [UsageController],
  providers: [UsageRoller, UsageService, UsageEventsService],
  exports: [UsageRoller],
})
export class UsageModule {}
