import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { EntryKind, EntryRow } from '../../reporting/list-entries.js';
import type { HoldRow, HoldState } from '../../reporting/list-requests.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Connection } from '../graphql/connection.js';
import { Credits } from '../graphql/scalars.js';
import { HoldStateEnum, RequestKindEnum } from './request.type.js';
import { toRequestId } from './traffic-scope.js';

/** {@link EntryKind} in the schema. */
export const EntryKindEnum = {
  TOPUP: 'topup',
  REDEEM: 'redeem',
  GRANT: 'grant',
  ADJUST: 'adjust',
  REFUND: 'refund',
  SETTLE: 'settle',
  LATE: 'late',
  LOSS: 'loss',
  EXPIRE: 'expire',
} as const satisfies Readonly<Record<string, EntryKind>>;

registerEnumType(EntryKindEnum, {
  name: 'LedgerEntryKind',
  description: 'Why money moved.',
  valuesMap: {
    TOPUP: { description: 'It was paid in.' },
    REDEEM: { description: 'A redemption code was redeemed.' },
    GRANT: { description: 'An operator gave it.' },
    ADJUST: { description: 'An operator corrected a balance.' },
    REFUND: { description: 'It was given back.' },
    SETTLE: { description: 'A request was paid.' },
    LATE: { description: 'The rest of a request whose end was known late was paid.' },
    LOSS: { description: 'A request cost more than the account had; the house bears it.' },
    EXPIRE: { description: 'Quota came to its end.' },
  },
});

/** One posted movement of money. */
@ObjectType({ description: 'One movement of money, posted once and never changed: from one account to another.' })
@Allow('ledger:read')
export class LedgerEntry {
  @Field(() => ID, { description: 'Id of the entry.' })
  id!: string;

  @Field(() => EntryKindEnum, { description: 'Why the money moved.' })
  kind!: EntryKind;

  @Field(() => ID, { nullable: true, description: "The customer's account; null where only the hub's own are moved." })
  accountId!: string | null;

  @Field(() => Credits, {
    nullable: true,
    description: "By how much the customer's balance changed: above zero it got more.",
  })
  change!: bigint | null;

  @Field(() => ID, { description: 'The account that gives: 1 is the house, 2 bears losses.' })
  debitAccountId!: string;

  @Field(() => ID, { description: 'The account that gets it.' })
  creditAccountId!: string;

  @Field(() => Credits, { description: 'How much, never below zero.' })
  amount!: bigint;

  @Field(() => String, { description: 'What it was posted for; of one kind no two entries have the same.' })
  ref!: string;

  @Field(() => ID, { nullable: true, description: 'The request, where it was posted for one.' })
  requestId!: string | null;

  @Field(() => String, { nullable: true, description: 'Who posted it: relay, or such as user:5.' })
  @Allow('audit:read')
  actor!: string | null;

  @Field(() => String, { nullable: true, description: 'Why, where somebody said so. The customer sees it too.' })
  reason!: string | null;

  @Field(() => Date, { description: 'When it was posted.' })
  createdAt!: Date;
}

/** One page of the ledger. */
@ObjectType({ description: 'One page of the ledger.' })
@Allow('ledger:read')
export class LedgerEntryConnection extends Connection(LedgerEntry, 'LedgerEntry') {}

/** Money that was set aside. */
@ObjectType({ description: 'Money that was set aside for a request, and what became of it.' })
@Allow('ledger:read')
export class Hold {
  @Field(() => ID, { description: 'The request: req_ and 32 hex digits.' })
  requestId!: string;

  @Field(() => ID, { description: 'The account that pays.' })
  accountId!: string;

  @Field(() => ID, { nullable: true, description: 'The API key.' })
  keyId!: string | null;

  @Field(() => String, { description: 'Public name of the model.' })
  model!: string;

  @Field(() => String, { description: 'The end user that the customer named; empty without one.' })
  userIdentifier!: string;

  @Field(() => RequestKindEnum, { description: 'How the request is answered.' })
  kind!: string;

  @Field(() => HoldStateEnum, { description: 'What has become of it.' })
  state!: HoldState;

  @Field(() => Credits, { description: 'How much was set aside.' })
  amount!: bigint;

  @Field(() => Credits, { description: 'How much of it is known to be used so far.' })
  metered!: bigint;

  @Field(() => Credits, { nullable: true, description: 'How much was paid of it; null while it is open.' })
  settled!: bigint | null;

  @Field(() => String, { nullable: true, description: 'The instance that has it.' })
  @Allow('system:read')
  owner!: string | null;

  @Field(() => Date, { nullable: true, description: 'When it is swept, unless the instance extends it.' })
  @Allow('system:read')
  leaseUntil!: Date | null;

  @Field(() => Date, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When it was closed; null while it is open.' })
  closedAt!: Date | null;
}

/** One page of holds. */
@ObjectType({ description: 'One page of holds. It may be short and yet have a next page.' })
@Allow('ledger:read')
export class HoldConnection extends Connection(Hold, 'Hold') {}

/** Accounts of the hub itself: the house, and the one that bears losses. */
const OWN_ACCOUNTS: ReadonlySet<string> = new Set(['1', '2']);
const HOLD_REF = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An entry as the schema shows it. */
export function toLedgerEntry({ debitId, creditId, ...row }: EntryRow): LedgerEntry {
  const isGift = !OWN_ACCOUNTS.has(creditId);
  const accountId = isGift ? creditId : OWN_ACCOUNTS.has(debitId) ? null : debitId;
  return Object.assign(new LedgerEntry(), row, {
    debitAccountId: debitId,
    creditAccountId: creditId,
    accountId,
    change: accountId === null ? null : isGift ? row.amount : -row.amount,
    requestId: HOLD_REF.test(row.ref) ? toRequestId(row.ref.replaceAll('-', '')) : null,
  });
}

/** A hold as the schema shows it. */
export function toHold({ id, ...row }: HoldRow): Hold {
  return Object.assign(new Hold(), row, { requestId: toRequestId(id) });
}
