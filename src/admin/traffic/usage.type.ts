import { Field, ID, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { UsageBucket, UsageScope } from '../../reporting/read-usage.js';
import type { UsageFigures, UsageOrder } from '../../reporting/usage-figures.js';
import type { UsageDimension } from '../../reporting/usage-source.js';
import { Allow } from '../graphql/allow.decorator.js';
import { Count, Credits } from '../graphql/scalars.js';

/** {@link UsageBucket} in the schema. */
export const UsageBucketEnum = { HOUR: 'hour', DAY: 'day' } as const satisfies Readonly<Record<string, UsageBucket>>;

registerEnumType(UsageBucketEnum, {
  name: 'UsageBucket',
  description: 'How long each part of a time series is.',
  valuesMap: { HOUR: { description: 'An hour of UTC.' }, DAY: { description: 'A day of UTC.' } },
});

/** {@link UsageDimension} in the schema. */
export const UsageDimensionEnum = {
  ACCOUNT: 'account',
  KEY: 'key',
  MODEL: 'model',
  CHANNEL: 'channel',
  USER_IDENTIFIER: 'userIdentifier',
  ENDPOINT: 'endpoint',
  OUTCOME: 'outcome',
} as const satisfies Readonly<Record<string, UsageDimension>>;

registerEnumType(UsageDimensionEnum, {
  name: 'UsageDimension',
  description: 'What usage is grouped by.',
  valuesMap: {
    ACCOUNT: { description: 'The account that paid.' },
    KEY: { description: 'The API key.' },
    MODEL: { description: 'The model, by its public name.' },
    CHANNEL: { description: 'The channel; staff only.' },
    USER_IDENTIFIER: { description: 'The end user that the customer named, each one of an account.' },
    ENDPOINT: { description: 'The endpoint, such as chat/completions; with no filter but `accountId`.' },
    OUTCOME: { description: 'How attempts ended; with no filter but `accountId`.' },
  },
});

/** {@link UsageOrder} in the schema. */
export const UsageOrderEnum = {
  COST: 'cost',
  REQUESTS: 'requests',
  ERRORS: 'errors',
  TOKENS: 'tokens',
  LOSS: 'loss',
  PURCHASE_COST: 'purchaseCost',
  MARGIN: 'margin',
} as const satisfies Readonly<Record<string, UsageOrder>>;

registerEnumType(UsageOrderEnum, {
  name: 'UsageOrder',
  description: 'What groups are ordered by, the greatest first.',
  valuesMap: {
    COST: { description: 'What accounts paid.' },
    REQUESTS: { description: 'Requests that have ended.' },
    ERRORS: { description: 'Requests that ended in anything but an answer.' },
    TOKENS: { description: 'Tokens of prompts and answers.' },
    LOSS: { description: 'What accounts could not pay.' },
    PURCHASE_COST: { description: 'What the hub paid; staff only.' },
    MARGIN: { description: 'What the hub earned; staff only.' },
  },
});

/** Sums of what was used. */
@ObjectType('UsageFigures', { description: 'What was used, exact to the unit.' })
@Allow('usage:read')
export class UsageFiguresNode implements UsageFigures {
  @Field(() => Count, { description: 'Requests that have ended.' })
  requests!: bigint;

  @Field(() => Count, { description: 'Attempts at upstreams, failed ones included.' })
  attempts!: bigint;

  @Field(() => Count, { description: 'Requests that ended in anything but an answer.' })
  errors!: bigint;

  @Field(() => Count, { description: 'Requests whose tokens the hub counted itself.' })
  estimated!: bigint;

  @Field(() => Count, { description: 'Tokens of prompts.' })
  inputTokens!: bigint;

  @Field(() => Count, { description: 'Those of them that were read from a cache.' })
  cachedInputTokens!: bigint;

  @Field(() => Count, { description: 'Those of them that were written to a cache.' })
  cacheWriteTokens!: bigint;

  @Field(() => Count, { description: 'Tokens of answers.' })
  outputTokens!: bigint;

  @Field(() => Count, { description: 'Those of them that were spent on reasoning.' })
  reasoningTokens!: bigint;

  @Field(() => Count, { description: 'Images made.' })
  images!: bigint;

  @Field(() => Count, { description: 'Milliseconds of video made.' })
  videoMs!: bigint;

  @Field(() => Count, { description: 'Milliseconds of sound listened to.' })
  audioMs!: bigint;

  @Field(() => Count, { description: 'Characters spoken.' })
  characters!: bigint;

  @Field(() => Count, { description: 'Searches of rerankings, and those that vendors made for chats.' })
  searches!: bigint;

  @Field(() => Count, { description: 'Milliseconds that all attempts took together.' })
  durationMs!: bigint;

  @Field(() => Credits, { description: 'What accounts paid.' })
  cost!: bigint;

  @Field(() => Credits, { description: 'What they could not pay.' })
  loss!: bigint;

  @Field(() => Credits, { nullable: true, description: 'What the hub paid, as far as purchase prices are known.' })
  @Allow('costs:read')
  purchaseCost!: bigint;

  @Field(() => Credits, { nullable: true, description: 'Cost less purchase cost.' })
  @Allow('costs:read')
  margin!: bigint;
}

/** Which time an answer is really about. */
@ObjectType({ isAbstract: true })
@Allow('usage:read')
abstract class UsageSpan {
  @Field(() => Date, {
    description: 'Where it begins: times go out to full hours of UTC, or to full days where only these are kept.',
  })
  from!: Date;

  @Field(() => Date, { description: 'Where it ends; this moment is not included.' })
  to!: Date;
}

/** Sums over the whole time. */
@ObjectType({ description: 'Sums over the whole time.' })
@Allow('usage:read')
export class UsageTotals extends UsageSpan {
  @Field(() => UsageFiguresNode, { description: 'The sums.' })
  figures!: UsageFigures;
}

/** Sums of one hour or day. */
@ObjectType({ description: 'Sums of one hour or day.' })
@Allow('usage:read')
export class UsagePoint {
  @Field(() => Date, { description: 'When it begins.' })
  at!: Date;

  @Field(() => UsageFiguresNode, { description: 'The sums.' })
  figures!: UsageFigures;
}

/** Sums by time. */
@ObjectType({ description: 'Sums by the hour or by the day.' })
@Allow('usage:read')
export class UsageSeries extends UsageSpan {
  @Field(() => UsageBucketEnum, { description: 'How long each part is.' })
  bucket!: UsageBucket;

  @Field(() => [UsagePoint], { description: 'All parts in the order of time, also those in which nothing was used.' })
  points!: readonly UsagePoint[];
}

/** Sums of one value. */
@ObjectType({ description: 'Sums of one account, key, model and so on.' })
@Allow('usage:read')
export class UsageGroup {
  /** What it is a value of. */
  by!: UsageDimension;

  @Field(() => String, {
    nullable: true,
    description: 'The id or name. Null for requests without a key or channel, empty for those that named no end user.',
  })
  value!: string | null;

  @Field(() => ID, { nullable: true, description: 'Of an end user: the account whose one it is.' })
  accountId!: string | null;

  @Field(() => UsageFiguresNode, { description: 'The sums.' })
  figures!: UsageFigures;
}

/** The greatest groups, and the rest. */
@ObjectType({ description: 'The greatest groups and what all others come to; together they are the totals.' })
@Allow('usage:read')
export class UsageGroups extends UsageSpan {
  @Field(() => UsageDimensionEnum, { description: 'What is grouped by.' })
  by!: UsageDimension;

  @Field(() => [UsageGroup], { description: 'The greatest ones, the greatest first.' })
  groups!: readonly UsageGroup[];

  @Field(() => UsageFiguresNode, { description: 'What all groups that are not shown come to.' })
  other!: UsageFigures;

  @Field(() => Boolean, { description: 'There are groups that are not shown.' })
  hasOther!: boolean;

  @Field(() => UsageFiguresNode, { description: 'What all groups come to.' })
  totals!: UsageFigures;
}

/** What was used by whom and when. */
@ObjectType({ description: 'What was used in a span of time. All parts of one request see the same moment.' })
@Allow('usage:read')
export class Usage {
  /** What is asked for; checked. */
  scope!: UsageScope;
}
