import { Module } from '@nestjs/common';
import { GraphqlPartsModule } from '../graphql/graphql-parts.module.js';
import { CaptureResolver } from './capture.resolver.js';
import { CapturedExchange, CaptureSetting } from './capture.type.js';
import { CaptureDesk } from './capture-desk.js';
import { LedgerResolver } from './ledger.resolver.js';
import { Hold, LedgerEntry } from './ledger.type.js';
import { NameReader } from './name-reader.js';
import { accountNameOf, channelNameOf, keyNameOf } from './named-rows.resolvers.js';
import { Request } from './request.type.js';
import { RequestReader } from './request-reader.js';
import { RequestsResolver } from './requests.resolver.js';
import { UsageGroupResolver, UsageResolver } from './usage.resolver.js';
import { UsageEvent } from './usage-event.type.js';
import { UsageReader } from './usage-reader.js';

/** What was asked, used, paid and captured, in the admin API. */
@Module({
  imports: [GraphqlPartsModule],
  providers: [
    NameReader,
    RequestReader,
    UsageReader,
    CaptureDesk,
    UsageResolver,
    UsageGroupResolver,
    RequestsResolver,
    LedgerResolver,
    CaptureResolver,
    ...[Request, UsageEvent, Hold, LedgerEntry, CapturedExchange, CaptureSetting].map(accountNameOf),
    ...[Request, UsageEvent, Hold, CapturedExchange, CaptureSetting].map(keyNameOf),
    ...[Request, UsageEvent].map(channelNameOf),
  ],
})
export class TrafficModule {}
