import { ArgsType, Field, ID, InputType, Int, ObjectType } from '@nestjs/graphql';
import type { StoredRoute } from '../../../channels/own-models.js';
import { Allow } from '../../graphql/allow.decorator.js';
import { Connection, PageArgs } from '../../graphql/connection.js';

/** A route in the schema. */
@ObjectType('Route', { description: "A channel serves a model, under the upstream's own name for it." })
@Allow('channels:read')
export class RouteNode implements StoredRoute {
  @Field(() => ID, { description: 'Which channel.' })
  channelId!: string;

  @Field(() => ID, { description: 'Public name of the model.' })
  modelId!: string;

  @Field(() => String, { description: "The upstream's name of the model." })
  upstreamModel!: string;

  @Field(() => Int, {
    nullable: true,
    description: "Its priority for this model; null for the channel's. A higher number is tried first.",
  })
  priority!: number | null;

  @Field(() => Int, { nullable: true, description: "Its weight for this model; null for the channel's." })
  weight!: number | null;
}

/** A stored route as a node of the schema. */
export function toRouteNode(route: StoredRoute): RouteNode {
  return Object.assign(new RouteNode(), route);
}

/** A page of {@link RouteNode}. */
@ObjectType({ description: 'A page of routes.' })
@Allow('channels:read')
export class RouteConnection extends Connection(RouteNode, 'Route') {}

/** Which routes are wanted. */
@InputType({ description: 'Which routes are wanted; what is left out does not matter.' })
export class RouteFilter {
  @Field(() => ID, { nullable: true, description: 'Of this channel.' })
  channelId?: string | null;

  @Field(() => ID, { nullable: true, description: 'Of this model.' })
  modelId?: string | null;
}

/** Arguments of `routes`. */
@ArgsType()
export class RoutesArgs extends PageArgs {
  @Field(() => RouteFilter, { nullable: true, description: 'Which ones; all without it.' })
  filter?: RouteFilter | null;
}

/** Which route is made. */
@InputType({ description: 'Which channel is to serve which model.' })
export class AddRouteInput {
  @Field(() => ID, { description: 'Which channel; one made here.' })
  channelId!: string;

  @Field(() => ID, { description: 'Public name of the model, which must exist.' })
  modelId!: string;

  @Field(() => String, {
    nullable: true,
    description: "The upstream's name of the model; without it the public name. A route that is there gets this name.",
  })
  upstreamModel?: string | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Priority for this model, from -1,000,000 to 1,000,000; null for the channel's. Left out, that of a route that is there stays.",
  })
  priority?: number | null;

  @Field(() => Int, {
    nullable: true,
    description:
      "Weight for this model, from 0 to 1,000,000; null for the channel's. Left out, that of a route that is there stays.",
  })
  weight?: number | null;
}

/** Which route is ended. */
@InputType({ description: 'Which route is ended.' })
export class RemoveRouteInput {
  @Field(() => ID, { description: 'Which channel; one made here.' })
  channelId!: string;

  @Field(() => ID, { description: 'Public name of the model.' })
  modelId!: string;
}
