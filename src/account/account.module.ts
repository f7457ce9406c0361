import { Module } from '@nestjs/common';
import { LedgerController } from './ledger.controller.js';
import { LedgerService } from './ledger.service.js';
import { QuotaController } from './quota.controller.js';
import { QuotaService } from './quota.service.js';

/** What an account may read of its own books. */
@Module({ controllers: [QuotaController, LedgerController], providers: [QuotaService, LedgerService] })
export class AccountModule {}
