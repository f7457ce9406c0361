import { ArgsType, Field, ID, InputType, Int, registerEnumType } from '@nestjs/graphql';
import type { Declarer } from '../../../channels/declaration.js';
import { PageArgs } from '../../graphql/connection.js';
import { ManagedByEnum } from '../../graphql/managed-by.enum.js';

/** In which order channels are listed. */
export const ChannelOrderEnum = { ID: 'id', NAME: 'name', PRIORITY: 'priority' } as const;
/** One of {@link ChannelOrderEnum}. */
export type ChannelOrder = (typeof ChannelOrderEnum)[keyof typeof ChannelOrderEnum];

registerEnumType(ChannelOrderEnum, {
  name: 'ChannelOrder',
  description: 'In which order channels are listed.',
  valuesMap: {
    ID: { description: 'The oldest first.' },
    NAME: { description: 'By name.' },
    PRIORITY: { description: 'Those that are tried first come first.' },
  },
});

/** Which channels are wanted. */
@InputType({ description: 'Which channels are wanted; what is left out does not matter.' })
export class ChannelFilter {
  @Field(() => String, { nullable: true, description: 'Id of the provider.' })
  provider?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Switched on or off.' })
  isEnabled?: boolean | null;

  @Field(() => ManagedByEnum, { nullable: true, description: 'Who declares them.' })
  managedBy?: Declarer | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only those made here. False: only declared ones.' })
  isOwn?: boolean | null;

  @Field(() => ID, { nullable: true, description: 'Only those with a route for this model.' })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Only those whose name has this text in it, in any case of letters.',
  })
  search?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Also those that were removed.' })
  includeRemoved: boolean = false;
}

/** Arguments of `channels`. */
@ArgsType()
export class ChannelsArgs extends PageArgs {
  @Field(() => ChannelFilter, { nullable: true, description: 'Which ones; all without it.' })
  filter?: ChannelFilter | null;

  @Field(() => ChannelOrderEnum, { defaultValue: 'id', description: 'In which order.' })
  orderBy: ChannelOrder = 'id';
}

/** What a new channel is made of. */
@InputType({ description: 'What a new channel is made of.' })
export class CreateChannelInput {
  @Field(() => String, { description: '1 to 64 letters, digits, dots, dashes or underscores, unique.' })
  name!: string;

  @Field(() => String, { description: 'Id of its provider; see `providers`.' })
  provider!: string;

  @Field(() => String, {
    nullable: true,
    description: "Where its API is, such as `https://api.example.com/v1`; without it the provider's own address.",
  })
  baseUrl?: string | null;

  @Field(() => String, { nullable: true, description: 'The credential. It is stored encrypted and never shown again.' })
  credential?: string | null;

  @Field(() => [String], {
    nullable: true,
    description:
      'Several credentials in place of `credential`, at most 64. Each is rested by itself when the upstream refuses it.',
  })
  credentials?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'What the upstream signs its callbacks with. Stored as the credential is.',
  })
  callbackSecret?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Lets it lead to loopback and private addresses. Metadata services stay out of reach.',
  })
  allowPrivateNetwork: boolean = false;

  @Field(() => Int, { defaultValue: 0, description: 'From -1,000,000 to 1,000,000; a higher number is tried first.' })
  priority: number = 0;

  @Field(() => Int, { defaultValue: 1, description: 'From 0 to 1,000,000: share of the requests within its priority.' })
  weight: number = 1;

  @Field(() => Int, { nullable: true, description: 'Tasks that may be under way at a time, from 1 to 1,000,000.' })
  tasksMax?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      'Requests that may be under way at a time, from 1 to 1,000,000; more wait a moment, then go elsewhere.',
  })
  concurrencyMax?: number | null;

  @Field(() => Boolean, { defaultValue: true, description: 'It serves at once when it has routes.' })
  isEnabled: boolean = true;
}

/** What is changed of a channel. */
@InputType({ description: 'What is changed of a channel; what is left out stays as it is.' })
export class UpdateChannelInput {
  @Field(() => ID, { description: 'Which channel.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;

  @Field(() => String, { nullable: true, description: 'Another name.' })
  name?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Another address; null for the provider's own. When its host changes, the credential must be given again.",
  })
  baseUrl?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Another credential in place of all there are; null takes them away.',
  })
  credential?: string | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Several credentials in place of all there are, at most 64; null or none takes them away.',
  })
  credentials?: string[] | null;

  @Field(() => String, { nullable: true, description: 'Another secret for callbacks; null takes it away.' })
  callbackSecret?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether it may lead to loopback and private addresses.' })
  allowPrivateNetwork?: boolean | null;

  @Field(() => Int, { nullable: true, description: 'Another priority.' })
  priority?: number | null;

  @Field(() => Int, { nullable: true, description: 'Another weight.' })
  weight?: number | null;

  @Field(() => Int, { nullable: true, description: 'Another bound on tasks; null for none.' })
  tasksMax?: number | null;

  @Field(() => Int, { nullable: true, description: 'Another bound on requests at a time; null for none.' })
  concurrencyMax?: number | null;
}

/** Which channel is switched. */
@InputType({ description: 'Which channel is switched on or off.' })
export class SetChannelEnabledInput {
  @Field(() => ID, { description: 'Which channel.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;

  @Field(() => Boolean, { description: 'True: on. False: off; what it has begun is brought to its end.' })
  isEnabled!: boolean;
}

/** Which channel is removed. */
@InputType({ description: 'Which channel is taken out of use for good.' })
export class RemoveChannelInput {
  @Field(() => ID, { description: 'Which channel.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;

  @Field(() => String, { nullable: true, description: 'Why, for the audit log.' })
  reason?: string | null;
}

/** Which channel is tested, and how. */
@InputType({ description: 'Which channel is tested, and how.' })
export class TestChannelInput {
  @Field(() => ID, { description: 'Which channel; it may be switched off.' })
  id!: string;

  @Field(() => ID, {
    nullable: true,
    description:
      'With `allowCost`: the model that is asked, one of its routes. Without it: the model that the list must have.',
  })
  model?: string | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Asks a model for at most 16 tokens, which the upstream may charge. Without it only the list of models is asked for.',
  })
  allowCost: boolean = false;
}
