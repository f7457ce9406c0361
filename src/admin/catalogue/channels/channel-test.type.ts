import { createUnionType, Field, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Allow } from '../../graphql/allow.decorator.js';

/** Why the test of a channel failed. */
export const ChannelFaultEnum = {
  unusable: 'unusable',
  noAnswer: 'noAnswer',
  notThisApi: 'notThisApi',
  credential: 'credential',
  outOfMoney: 'outOfMoney',
  rateLimited: 'rateLimited',
  modelMissing: 'modelMissing',
  refused: 'refused',
  noFreeTest: 'noFreeTest',
} as const;
/** One of {@link ChannelFaultEnum}. */
export type ChannelFault = keyof typeof ChannelFaultEnum;

registerEnumType(ChannelFaultEnum, {
  name: 'ChannelFault',
  description: 'Why the test of a channel failed.',
  valuesMap: {
    unusable: { description: 'Something is missing, such as its credential; nothing was sent.' },
    noAnswer: {
      description: 'There was no usable answer in time: the address, the network or the server is at fault.',
    },
    notThisApi: { description: 'Something answered, but not as this provider does; the base URL may be wrong.' },
    credential: { description: 'The upstream refuses the credential.' },
    outOfMoney: { description: 'The account at the upstream has no credit.' },
    rateLimited: { description: 'The upstream is over its rate limit.' },
    modelMissing: { description: 'The upstream does not have the model.' },
    refused: { description: 'The upstream refused the request, or failed with it.' },
    noFreeTest: {
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
export const ChannelTestUnion = createUnionType({
  name: 'ChannelTest',
  description: 'What the test of a channel found.',
  types: () => [ChannelWorks, ChannelFails] as const,
  resolveType: (value: ChannelWorks | ChannelFails) => ('code' in value ? ChannelFails : ChannelWorks),
});
