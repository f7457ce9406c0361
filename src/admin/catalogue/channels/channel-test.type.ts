import { createUnionType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Allow } from '../../graphql/allow.decorator.js';

/** Why the test of a channel failed. */
export const ChannelFaultEnum = {
  UNUSABLE: 'unusable',
  NO_ANSWER: 'noAnswer',
  NOT_THIS_API: 'notThisApi',
  CREDENTIAL: 'credential',
  OUT_OF_MONEY: 'outOfMoney',
  RATE_LIMITED: 'rateLimited',
  MODEL_MISSING: 'modelMissing',
  REFUSED: 'refused',
  NO_FREE_TEST: 'noFreeTest',
} as const;
/** One of {@link ChannelFaultEnum}. */
export type ChannelFault = (typeof ChannelFaultEnum)[keyof typeof ChannelFaultEnum];

registerEnumType(ChannelFaultEnum, {
  name: 'ChannelFault',
  description: 'Why the test of a channel failed.',
  valuesMap: {
    UNUSABLE: { description: 'Something is missing, such as its credential; nothing was sent.' },
    NO_ANSWER: {
      description: 'There was no usable answer in time: the address, the network or the server is at fault.',
    },
    NOT_THIS_API: { description: 'Something answered, but not as this provider does; the base URL may be wrong.' },
    CREDENTIAL: { description: 'The upstream refuses the credential.' },
    OUT_OF_MONEY: { description: 'The account at the upstream has no credit.' },
    RATE_LIMITED: { description: 'The upstream is over its rate limit.' },
    MODEL_MISSING: { description: 'The upstream does not have the model.' },
    REFUSED: { description: 'The upstream refused the request, or failed with it.' },
    NO_FREE_TEST: {
      description: 'This provider has no test without cost; nothing was sent. Set `allowCost` and name a model.',
    },
  },
});

/** The channel works. */
@ObjectType({ description: 'The upstream answered as it should.' })
@Allow('channels:test')
export class ChannelWorks {
  @Field(() => Int, { description: 'How long the answer took, in milliseconds.' })
  latencyMs!: number;

  @Field(() => [String], {
    description: "The upstream's names of its models, at most 500; empty where a model was asked.",
  })
  models!: string[];

  @Field(() => [String], { description: "Upstream names of the channel's routes that the list does not have." })
  missingModels!: string[];
}

/** The channel does not work. */
@ObjectType({ description: 'The channel does not work as it is.' })
@Allow('channels:test')
export class ChannelFails {
  @Field(() => ChannelFaultEnum, { description: 'Why.' })
  code!: ChannelFault;

  @Field(() => String, { description: 'What to do, for people. Never what the upstream wrote.' })
  message!: string;
}

/** What the test of a channel found. */
export const TestChannelResult = createUnionType({
  name: 'TestChannelResult',
  description: 'What the test of a channel found.',
  types: () => [ChannelWorks, ChannelFails] as const,
  resolveType: (value: ChannelWorks | ChannelFails) => ('code' in value ? ChannelFails : ChannelWorks),
});
