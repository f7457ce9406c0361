import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { RetentionSchedule } from './retention-schedule.js';

/** Old usage and jobs are removed, in a way that the books can still be proved. */
@Module({ imports: [AlertsModule], providers: [RetentionSchedule] })
export class RetentionModule {}
