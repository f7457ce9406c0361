import { Field, GraphQLISODateTime, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import type { StoredModel } from '../../../channels/own-models.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection } from '../../graphql/connection.js';
import { ManagedByEnum } from '../../graphql/managed-by.enum.js';
import { Json } from '../../graphql/scalars.js';
import { ModelRoutingType } from './model-routing.type.js';

/** What happens to an answer whose caller has left. */
export const OnDisconnectEnum = { ABORT: 'abort', DRAIN: 'drain' } as const;

registerEnumType(OnDisconnectEnum, {
  name: 'OnDisconnect',
  description: 'What happens to an answer whose caller has left.',
  valuesMap: {
    ABORT: { description: 'The upstream is told to stop; what was delivered is charged.' },
    DRAIN: { description: 'It is read to its end and charged whole.' },
  },
});

/** Limits of all callers together. */
@ObjectType({ description: 'Limits of all callers of a model together; null does not limit.' })
@Allow('limits:read')
export class ModelLimits {
  @Field(() => Int, { nullable: true, description: 'Requests per minute.' })
  rpm!: number | null;

  @Field(() => Int, { nullable: true, description: 'Tokens per minute, prompt and answer together.' })
  tpm!: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests at the same time.' })
  concurrency!: number | null;
}

/** A model in the schema. */
@ObjectType('Model', { description: 'A model that callers may ask for by name.' })
@Allow('models:read')
export class ModelNode implements StoredModel {
  @Field(() => ID, { description: 'The public name.' })
  id!: string;

  @Field(() => OnDisconnectEnum, { description: 'What happens to an answer whose caller has left.' })
  onDisconnect!: StoredModel['onDisconnect'];

  @Field(() => Int, {
    nullable: true,
    description: "Output tokens to allow for when the caller gives no cap; null for the hub's own default.",
  })
  outputTokensDefault!: number | null;

  @Field(() => Json, {
    nullable: true,
    description:
      'What the operator says it can do with videos, in place of what its provider says; as `video` in HUB_CONFIG.',
  })
  video!: StoredModel['video'];

  @Field(() => ModelRoutingType, {
    nullable: true,
    description: 'How its requests are routed and rescued; null where all is by default.',
  })
  @Allow('channels:read')
  routing!: StoredModel['routing'];

  @Field(() => ManagedByEnum, {
    nullable: true,
    description: 'Who declares it; null when it was made here and can be changed here.',
  })
  @Allow('channels:read')
  managedBy!: StoredModel['managedBy'];

  @Field(() => Int, { description: 'Grows with every change; give it with an update.' })
  version!: number;

  @Field(() => GraphQLISODateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => GraphQLISODateTime, { description: 'When it was changed last.' })
  updatedAt!: Date;

  /** Shown as `limits`. */
  rpm!: number | null;
  tpm!: number | null;
  concurrency!: number | null;
}

/** A stored model as a node of the schema. */
export function toModelNode(model: StoredModel): ModelNode {
  return Object.assign(new ModelNode(), model);
}

/** A page of {@link ModelNode}. */
@ObjectType({ description: 'A page of models.' })
@Allow('models:read')
export class ModelConnection extends Connection(ModelNode, 'Model') {}
