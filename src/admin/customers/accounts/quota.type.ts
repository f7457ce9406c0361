import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import { Allow } from '../../graphql/allow.decorator.js';
import { Credits } from '../../graphql/scalars.js';
import { AccountNode } from './account.type.js';

/** Quota for an account. */
@InputType({ description: 'Quota for an account.' })
export class GrantQuotaInput {
  @Field(() => ID, { description: 'Which account.' })
  accountId!: string;

  @Field(() => Credits, { description: 'How much; more than 0.' })
  amount!: bigint;

  @Field(() => String, {
    nullable: true,
    description:
      'A name of your own for this grant, up to 200 characters. Granting again under it grants nothing twice.',
  })
  ref?: string | null;

  @Field(() => String, { description: 'Why, for the books and the audit log: 1 to 500 characters.' })
  reason!: string;
}

/** A correction of an account's quota. */
@InputType({ description: 'A correction of the quota of an account.' })
export class AdjustQuotaInput {
  @Field(() => ID, { description: 'Which account.' })
  accountId!: string;

  @Field(() => Credits, {
    description: 'How much more or, with a minus, less; not 0. No more can be taken away than is available.',
  })
  amount!: bigint;

  @Field(() => String, {
    nullable: true,
    description: 'A name of your own for this correction, up to 200 characters. The same again changes nothing twice.',
  })
  ref?: string | null;

  @Field(() => String, { description: 'Why, for the books and the audit log: 1 to 500 characters.' })
  reason!: string;
}

/** What was posted to an account. */
@ObjectType({ description: 'What was posted to an account, and what it has now.' })
@Allow('quota:write')
export class QuotaPosted {
  @Field(() => ID, { description: 'Id of the entry in the books.' })
  entryId!: string;

  @Field(() => Boolean, {
    description: 'False when the same had been posted under this `ref` before: nothing was changed.',
  })
  isNew!: boolean;

  @Field(() => String, { description: 'The name it was posted under.' })
  ref!: string;

  @Field(() => Credits, { description: 'How much was posted.' })
  amount!: bigint;

  @Field(() => AccountNode, { description: 'The account as it is now.' })
  account!: AccountNode;
}
