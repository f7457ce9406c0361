import { Module } from '@nestjs/common';
import { AlertsModule } from '../alerts/alerts.module.js';
import { Audit } from './audit.js';
import { AuditSchedule } from './audit-schedule.js';
import { PartitionKeeper } from './partition-keeper.js';

/** Care of data: the books are checked and partitions made ahead. */
@Module({ imports: [AlertsModule], providers: [Audit, AuditSchedule, PartitionKeeper], exports: [Audit] })
export class AuditModule {}
