import { Module } from '@nestjs/common';
import { QuotaService } from './quota.service.js';

/** The ledger. */
@Module({ providers: [QuotaService], exports: [QuotaService] })
export class QuotaModule {}
