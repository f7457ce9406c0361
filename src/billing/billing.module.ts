import { Module } from '@nestjs/common';
import { LimitsModule } from '../limits/limits.module.js';
import { QuotaModule } from '../quota/quota.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { Billing } from './billing.js';

/** Lets requests in against money and limits, and bills them. */
@Module({ imports: [QuotaModule, LimitsModule, TokensModule], providers: [Billing], exports: [Billing, TokensModule] })
export class BillingModule {}
