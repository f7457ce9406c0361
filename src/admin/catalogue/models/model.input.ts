import { ArgsType, Field, ID, InputType, Int } from '@nestjs/graphql';
import type { Declarer, OnDisconnect } from '../../../channels/declaration.js';
import { PageArgs } from '../../graphql/connection.js';
import { ManagedByEnum } from '../../graphql/managed-by.enum.js';
import { Json } from '../../graphql/scalars.js';
import { OnDisconnectEnum } from './model.type.js';
import { ModelRoutingType } from './model-routing.type.js';

/** Which models are wanted. */
@InputType({ description: 'Which models are wanted; what is left out does not matter.' })
export class ModelFilter {
  @Field(() => String, {
    nullable: true,
    description: 'Only those whose name has this text in it, in any case of letters.',
  })
  search?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether a channel that is switched on serves them.' })
  isServed?: boolean | null;

  @Field(() => ManagedByEnum, { nullable: true, description: 'Who declares them.' })
  managedBy?: Declarer | null;

  @Field(() => Boolean, { nullable: true, description: 'True: only those made here. False: only declared ones.' })
  isOwn?: boolean | null;
}

/** Arguments of `models`. */
@ArgsType()
export class ModelsArgs extends PageArgs {
  @Field(() => ModelFilter, { nullable: true, description: 'Which ones; all without it.' })
  filter?: ModelFilter | null;
}

/** Limits of all callers together. */
@InputType({ description: 'Limits of all callers together: whole numbers of at least 1; null does not limit.' })
export class ModelLimitsInput {
  @Field(() => Int, { nullable: true, description: 'Requests per minute.' })
  rpm?: number | null;

  @Field(() => Int, { nullable: true, description: 'Tokens per minute.' })
  tpm?: number | null;

  @Field(() => Int, { nullable: true, description: 'Requests at the same time.' })
  concurrency?: number | null;
}

/** What can be set of a model. */
@InputType({ isAbstract: true })
abstract class ModelSettingsInput {
  @Field(() => OnDisconnectEnum, {
    nullable: true,
    description: 'What happens to an answer whose caller has left; `abort` for a new model.',
  })
  onDisconnect?: OnDisconnect | null;

  @Field(() => Int, {
    nullable: true,
    description: "Output tokens to allow for when the caller gives no cap; null for the hub's own default.",
  })
  outputTokensDefault?: number | null;

  @Field(() => Json, {
    nullable: true,
    description:
      'What it can do with videos, as `video` in HUB_CONFIG, such as {durations: [5, 10]}; null for what its provider says.',
  })
  video?: unknown;

  @Field(() => ModelLimitsInput, {
    nullable: true,
    description: 'Limits of all callers together. Given, it replaces all three.',
  })
  limits?: ModelLimitsInput | null;

  @Field(() => ModelRoutingType, {
    nullable: true,
    description: 'How its requests are routed and rescued. Given, it replaces all of it; null for the defaults.',
  })
  routing?: ModelRoutingType | null;
}

/** What a new model is made of. */
@InputType({
  description:
    'What a new model is made of. It is served when it has a route and a price: see `addRoute` and `setPrice`.',
})
export class CreateModelInput extends ModelSettingsInput {
  @Field(() => ID, { description: 'The public name: 1 to 256 characters, unique.' })
  id!: string;
}

/** What is changed of a model. */
@InputType({ description: 'What is changed of a model; what is left out stays as it is.' })
export class UpdateModelInput extends ModelSettingsInput {
  @Field(() => ID, { description: 'Its public name, which stays.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;
}

/** Which model is removed. */
@InputType({ description: 'Which model is removed.' })
export class RemoveModelInput {
  @Field(() => ID, { description: 'Its public name.' })
  id!: string;

  @Field(() => Int, { description: 'The version that you saw.' })
  version!: number;
}
