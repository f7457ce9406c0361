import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../../graphql/connection.js';

/** What a provider can be asked for. */
export const OperationEnum = {
  CHAT: 'chat',
  EMBEDDINGS: 'embeddings',
  IMAGES: 'images',
  IMAGE_EDITS: 'imageEdits',
  VIDEO: 'video',
  COMPLETIONS: 'completions',
  MODERATIONS: 'moderations',
  TRANSCRIPTIONS: 'transcriptions',
  SPEECH: 'speech',
  RERANK: 'rerank',
} as const;
/** One of {@link OperationEnum}. */
export type Operation = (typeof OperationEnum)[keyof typeof OperationEnum];

registerEnumType(OperationEnum, {
  name: 'Operation',
  description: 'What a provider can be asked for.',
  valuesMap: {
    CHAT: { description: 'Chat completions.' },
    EMBEDDINGS: { description: 'Embeddings.' },
    IMAGES: { description: 'Pictures from a text.' },
    IMAGE_EDITS: { description: 'Pictures from pictures.' },
    VIDEO: { description: 'Videos, as tasks that take minutes.' },
    COMPLETIONS: { description: 'Text completions, the older way to ask for text.' },
    MODERATIONS: { description: 'Whether a text or picture is harmful.' },
    TRANSCRIPTIONS: { description: 'Text from sound.' },
    SPEECH: { description: 'Sound from text.' },
    RERANK: { description: 'Documents in the order in which they answer a query.' },
  },
});

/** A service that the hub knows how to speak to. */
@ObjectType('Provider', {
  description: 'A vendor or kind of server that the hub knows how to speak to. Part of the hub, not stored.',
})
@Allow('channels:read')
export class ProviderNode {
  @Field(() => ID, { description: 'Stable id, such as `deepseek`; channels name it.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Where its API is unless a channel says otherwise; null when each channel must say it.',
  })
  baseUrl!: string | null;

  @Field(() => Boolean, { description: 'A channel needs a credential.' })
  isCredentialRequired!: boolean;

  @Field(() => [OperationEnum], { description: 'What it can be asked for.' })
  operations!: Operation[];

  @Field(() => [String], {
    description: "The upstream's names of the models that a channel made from the environment begins with.",
  })
  defaultModels!: string[];

  @Field(() => [String], {
    description: 'Variables of the environment from which a channel is made at the first start.',
  })
  environmentVariables!: string[];

  @Field(() => Boolean, { description: 'A channel can be tested without any cost: the provider lists its models.' })
  hasModelList!: boolean;

  @Field(() => Boolean, { description: 'It signs callbacks, so that a channel can have a `callbackSecret`.' })
  hasSignedCallbacks!: boolean;

  @Field(() => String, { nullable: true, description: 'What operators should know of its videos.' })
  videoNote!: string | null;
}

/** A page of {@link ProviderNode}. */
@ObjectType({ description: 'A page of providers.' })
@Allow('channels:read')
export class ProviderConnection extends Connection(ProviderNode, 'Provider') {}

/** Which providers are wanted. */
@InputType({ description: 'Which providers are wanted.' })
export class ProviderFilter {
  @Field(() => OperationEnum, { nullable: true, description: 'Only those that can be asked for this.' })
  operation?: Operation | null;

  @Field(() => String, { nullable: true, description: 'Only those whose id or name has this text in it.' })
  search?: string | null;
}

/** Arguments of `providers`. */
@ArgsType()
export class ProvidersArgs extends PageArgs {
  @Field(() => ProviderFilter, { nullable: true, description: 'Which ones; all without it.' })
  filter?: ProviderFilter | null;
}
