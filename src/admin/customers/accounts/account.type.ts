import { Field, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { AccountStatus } from '../../../quota/account-status.js';
import type { Role } from '../../../users/permission.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection } from '../../graphql/connection.js';
import { Count, Credits } from '../../graphql/scalars.js';
import { RoleEnum } from '../../people/role.enum.js';
import { RateLimits } from '../rate-limits.type.js';
import { AccountStatusEnum } from './account.enum.js';

/** What an account has, in credits and in the whole units of the public API. */
@ObjectType({ description: 'What an account has and has used. One credit is 1000 units of the public API.' })
@Allow('accounts:read')
export class AccountBalance {
  @Field(() => Credits, { description: 'Used and remaining together.' })
  total!: bigint;

  @Field(() => Credits, { description: 'What requests cost, less refunds.' })
  used!: bigint;

  @Field(() => Credits, { description: 'What is left; what running requests hold is still part of it.' })
  remaining!: bigint;

  @Field(() => Credits, { description: 'What running requests hold.' })
  held!: bigint;

  @Field(() => Credits, { description: 'What new requests can use: remaining less held.' })
  available!: bigint;

  @Field(() => Count, { description: '`total` in units, as the public API says it.' })
  totalUnits!: bigint;

  @Field(() => Count, { description: '`used` in whole units, rounded up.' })
  usedUnits!: bigint;

  @Field(() => Count, { description: '`remaining` in whole units, rounded down.' })
  remainingUnits!: bigint;

  @Field(() => Count, { description: '`held` in whole units, rounded up.' })
  heldUnits!: bigint;
}

/** Who pays: a customer's account. */
@ObjectType('Account', { description: 'Who pays: quota, keys and limits of one customer.' })
@Allow('accounts:read')
export class AccountNode {
  @Field(() => ID, { description: 'Never used again for another account.' })
  id!: string;

  @Field(() => String, { description: 'Its name, which no other account has.' })
  name!: string;

  @Field(() => AccountStatusEnum, { description: 'Whether it can be used.' })
  status!: AccountStatus;

  @Field(() => AccountBalance, { description: 'What it has and has used.' })
  balance!: AccountBalance;

  @Field(() => RateLimits, { description: 'How fast all of its keys together may be used.' })
  limits!: RateLimits;

  @Field(() => Credits, { nullable: true, description: 'An alert is raised when less than this is left.' })
  lowBalanceAlert!: bigint | null;

  @Field(() => Credits, { nullable: true, description: 'An alert is raised when more than this is used in a day.' })
  dailySpendAlert!: bigint | null;

  @Field(() => Int, { description: 'Grows with each change; give it with an update.' })
  version!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;

  /** For the field `group`. */
  groupId!: string;
}

/** A page of accounts. */
@ObjectType({ description: 'A page of accounts.' })
@Allow('accounts:read')
export class AccountConnection extends Connection(AccountNode, 'Account') {}

/** Somebody who signs in for an account. */
@ObjectType({ description: 'Somebody who signs in for an account.' })
@Allow('users:read')
export class AccountPerson {
  @Field(() => ID, { description: 'Id of the person.' })
  id!: string;

  @Field(() => String, { description: 'With which the person signs in.' })
  email!: string;

  @Field(() => String, { description: 'What the person is called; may be empty.' })
  name!: string;

  @Field(() => RoleEnum, { description: 'What the person is.' })
  role!: Role;

  @Field(() => Boolean, { description: 'Whether the person can sign in.' })
  isEnabled!: boolean;
}
