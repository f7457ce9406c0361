import { Module } from '@nestjs/common';
import { RedemptionModule } from '../../redemption/redemption.module.js';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { AccountGroupReader } from './accounts/account-group-reader.js';
import { AccountGroupsResolver } from './accounts/account-groups.resolver.js';
import { AccountGroupsService } from './accounts/account-groups.service.js';
import { AccountReader } from './accounts/account-reader.js';
import { AccountsResolver } from './accounts/accounts.resolver.js';
import { AccountsService } from './accounts/accounts.service.js';
import { QuotaResolver } from './accounts/quota.resolver.js';
import { QuotaPostings } from './accounts/quota.service.js';
import { CodeDownloadController } from './codes/code-download.controller.js';
import { CodeDownloads } from './codes/code-downloads.js';
import { CodeReader } from './codes/code-reader.js';
import { CodesResolver, RedemptionBatchResolver, RedemptionCodeResolver } from './codes/codes.resolver.js';
import { CodesService } from './codes/codes.service.js';
import { ApiKeyReader } from './keys/api-key-reader.js';
import { ApiKeysResolver } from './keys/api-keys.resolver.js';
import { ApiKeysService } from './keys/api-keys.service.js';
import { KeyBudgetsService } from './keys/key-budgets.service.js';

/** Accounts and what belongs to them: groups, quota, API keys, redemption codes. */
@Module({
  imports: [GraphqlPartsModule, RedemptionModule],
  controllers: [CodeDownloadController],
  providers: [
    AccountGroupReader,
    AccountGroupsResolver,
    AccountGroupsService,
    AccountReader,
    AccountsResolver,
    AccountsService,
    ApiKeyReader,
    ApiKeysResolver,
    ApiKeysService,
    CodeDownloads,
    CodeReader,
    CodesResolver,
    CodesService,
    KeyBudgetsService,
    QuotaPostings,
    QuotaResolver,
    RedemptionBatchResolver,
    RedemptionCodeResolver,
  ],
})
export class CustomersModule {}
