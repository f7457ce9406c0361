import { ArgsType, Field, ID, InputType } from '@nestjs/graphql';
import type { EntryKind } from '../../reporting/list-entries.js';
import { PageArgs } from '../graphql/connection.js';
import { EntryKindEnum } from './ledger.type.js';
import { type TimeOrder, TimeOrderEnum } from './time-order.enum.js';

/** Which ledger entries are wanted. */
@InputType({ description: 'Which ledger entries are wanted; all parts must hold.' })
export class LedgerEntriesFilter {
  @Field(() => EntryKindEnum, { nullable: true, description: 'Only of this kind.' })
  kind?: EntryKind | null;

  @Field(() => ID, {
    nullable: true,
    description: 'Only with this account on either side; members have the own one only.',
  })
  accountId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only those of this request.' })
  requestId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only those posted for exactly this; not together with `requestId`.',
  })
  ref?: string | null;

  @Field(() => Date, { nullable: true, description: 'Posted at this moment or later.' })
  from?: Date | null;

  @Field(() => Date, { nullable: true, description: 'Posted before this moment.' })
  to?: Date | null;
}

/** A page of ledger entries. */
@ArgsType()
export class LedgerEntriesArgs extends PageArgs {
  @Field(() => LedgerEntriesFilter, { nullable: true, description: 'Which ones are wanted.' })
  filter?: LedgerEntriesFilter | null;

  @Field(() => TimeOrderEnum, { nullable: true, description: 'By when they were posted; the newest first without it.' })
  orderBy?: TimeOrder | null;
}
