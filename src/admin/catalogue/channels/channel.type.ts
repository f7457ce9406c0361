import { Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { StoredChannel } from '../../../channels/stored-channel.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection } from '../../graphql/connection.js';
import { ManagedByEnum } from '../../graphql/managed-by.enum.js';

/** What a channel is doing. */
export const ChannelStatusEnum = {
  ACTIVE: 'active',
  RESTING: 'resting',
  UNROUTED: 'unrouted',
  UNUSABLE: 'unusable',
  DISABLED: 'disabled',
  REMOVED: 'removed',
} as const;
/** One of {@link ChannelStatusEnum}. */
export type ChannelStatus = (typeof ChannelStatusEnum)[keyof typeof ChannelStatusEnum];

registerEnumType(ChannelStatusEnum, {
  name: 'ChannelStatus',
  description: 'What a channel is doing, as the instance that answers sees it.',
  valuesMap: {
    ACTIVE: { description: 'It serves requests.' },
    RESTING: {
      description: 'Its credential was refused or its account has no credit; it is tried again when its rest is over.',
    },
    UNROUTED: { description: 'It could serve, but has no routes.' },
    UNUSABLE: { description: 'Something is missing, such as its credential; `statusReason` says what.' },
    DISABLED: { description: 'It is switched off.' },
    REMOVED: { description: 'It was taken out of use for good.' },
  },
});

/** Why a channel rests. */
export const RestReasonEnum = {
  CREDENTIAL: 'credential',
  OUT_OF_MONEY: 'outOfMoney',
  RATE_LIMITED: 'rateLimited',
  EJECTED: 'ejected',
  HALF_OPEN: 'halfOpen',
} as const;
/** One of {@link RestReasonEnum}. */
export type RestReason = (typeof RestReasonEnum)[keyof typeof RestReasonEnum];

registerEnumType(RestReasonEnum, {
  name: 'RestReason',
  description: 'Why a credential of a channel, or one model with it, is left alone for a while.',
  valuesMap: {
    CREDENTIAL: { description: 'The upstream refused its credential.' },
    OUT_OF_MONEY: { description: 'Its account at the upstream has no credit.' },
    RATE_LIMITED: { description: 'The upstream asked to wait with one model.' },
    EJECTED: { description: 'One model failed again and again: the circuit breaker is open.' },
    HALF_OPEN: { description: 'After that: the next request, or one under way, shows whether the model works again.' },
  },
});

/** A time during which a channel is left alone. */
@ObjectType({ description: 'A time during which a channel, or one model of it, is left alone.' })
@Allow('channels:read')
export class ChannelRest {
  @Field(() => RestReasonEnum, { description: 'Why.' })
  reason!: RestReason;

  @Field(() => String, {
    nullable: true,
    description: "The upstream's name of the model; null when it is about all of them.",
  })
  upstreamModel!: string | null;

  @Field(() => Int, { description: 'Which of the credentials of the channel, counted from 1.' })
  credential!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it is tried again.' })
  until!: Date;
}

/** A channel in the schema. */
@ObjectType('Channel', {
  description: 'An upstream service with a credential. Its secrets can be written, never read.',
})
@Allow('channels:read')
export class ChannelNode implements StoredChannel {
  @Field(() => ID, { description: 'Id of the row; never given twice.' })
  id!: string;

  @Field(() => String, { description: 'Name for people, unique.' })
  name!: string;

  @Field(() => String, { description: 'Id of its provider.' })
  provider!: string;

  @Field(() => String, { nullable: true, description: "Where its API is; null for the provider's own address." })
  baseUrl!: string | null;

  @Field(() => Boolean, { description: 'A credential is stored.' })
  hasCredential!: boolean;

  @Field(() => String, {
    nullable: true,
    description:
      'The last four characters of the credential; null without one, and for one under twelve characters. Of several, those of each, separated by commas, a dash for one that is too short.',
  })
  credentialLast4!: string | null;

  @Field(() => Boolean, { description: 'A secret for the callbacks of the upstream is stored.' })
  hasCallbackSecret!: boolean;

  @Field(() => Boolean, { description: 'It may lead to loopback and private addresses.' })
  allowPrivateNetwork!: boolean;

  @Field(() => Int, { description: 'Channels of a higher number are tried first.' })
  priority!: number;

  @Field(() => Int, {
    description: 'Share of the requests among channels of one priority; 0 takes part only when no other is left.',
  })
  weight!: number;

  @Field(() => Int, {
    nullable: true,
    description: 'Tasks that may be under way at the upstream at a time; null for any number.',
  })
  tasksMax!: number | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Requests that may be under way at the upstream at a time; null for any number.',
  })
  concurrencyMax!: number | null;

  @Field(() => Boolean, { description: 'It is switched on.' })
  isEnabled!: boolean;

  @Field(() => ManagedByEnum, {
    nullable: true,
    description: 'Who declares it; null when it was made here and can be changed here.',
  })
  managedBy!: StoredChannel['managedBy'];

  @Field(() => Int, { description: 'Grows with every change; give it with an update.' })
  version!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When it was changed last.' })
  updatedAt!: Date;

  @Field(() => GraphQLISODateTime, { nullable: true, description: 'When it was taken out of use for good.' })
  removedAt!: Date | null;
}

/** A stored channel as a node of the schema. */
export function toChannelNode(channel: StoredChannel): ChannelNode {
  return Object.assign(new ChannelNode(), channel);
}

/** A page of {@link ChannelNode}. */
@ObjectType({ description: 'A page of channels.' })
@Allow('channels:read')
export class ChannelConnection extends Connection(ChannelNode, 'Channel') {}
