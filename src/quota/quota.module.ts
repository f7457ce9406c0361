import { Module } from '@nestjs/common';
import { Ledger } from './ledger.js';

/** The ledger. */
@Module({ providers: [Ledger], exports: [Ledger] })
export class QuotaModule {}
