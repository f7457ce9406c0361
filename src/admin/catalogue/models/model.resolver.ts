import { Inject } from '@nestjs/common';
import { Args, Context, createUnionType, ID, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { AdminContext } from '../../graphql/admin-context.js';
import { Allow } from '../../graphql/allow.decorator.js';
import type { Page } from '../../graphql/connection.js';
import { VersionConflict } from '../../graphql/version-conflict.js';
import { PriceNode } from '../prices/price.type.js';
import { currentToNode, PriceReader } from '../prices/price-reader.js';
import { RouteNode } from '../routes/route.type.js';
import { ROUTES_SHOWN_MAX, RouteReader } from '../routes/route-reader.js';
import { CreateModelInput, ModelsArgs, RemoveModelInput, UpdateModelInput } from './model.input.js';
import { ModelConnection, ModelLimits, ModelNode } from './model.type.js';
import { ModelEditor } from './model-editor.js';
import { ModelReader } from './model-reader.js';

/** What became of a change of a model. */
export const ChangeModelResult = createUnionType({
  name: 'ChangeModelResult',
  description: 'The model as it is now, or that somebody else was faster.',
  types: () => [ModelNode, VersionConflict] as const,
  resolveType: (value: ModelNode | VersionConflict) => ('currentVersion' in value ? VersionConflict : ModelNode),
});

/** Models and what they cost. */
@Resolver(() => ModelNode)
export class ModelResolver {
  constructor(
    @Inject(ModelReader) private readonly reader: ModelReader,
    @Inject(ModelEditor) private readonly editor: ModelEditor,
    @Inject(RouteReader) private readonly routeReader: RouteReader,
    @Inject(PriceReader) private readonly prices: PriceReader,
  ) {}

  @Query(() => ModelConnection, { description: 'Models by name. A member sees those that the own account may use.' })
  @Allow('models:read')
  models(@Args() args: ModelsArgs, @Context() context: AdminContext): Promise<Page<ModelNode>> {
    return this.reader.list(args, context.scope('models:read'));
  }

  @Query(() => ModelNode, { description: 'One model.' })
  @Allow('models:read')
  model(
    @Args('id', { type: () => ID, description: 'Its public name.' }) id: string,
    @Context() context: AdminContext,
  ): Promise<ModelNode> {
    return this.reader.get(id, context.scope('models:read'));
  }

  @Mutation(() => ModelNode, { description: 'Makes a model.' })
  @Allow('models:write')
  createModel(
    @Context() context: AdminContext,
    @Args('input', { description: 'What it is made of.' }) input: CreateModelInput,
  ): Promise<ModelNode> {
    return this.editor.create(context, input);
  }

  @Mutation(() => ChangeModelResult, { description: 'Changes a model, from the next request on.' })
  @Allow('models:write')
  updateModel(
    @Context() context: AdminContext,
    @Args('input', { description: 'What is changed.' }) input: UpdateModelInput,
  ): Promise<ModelNode | VersionConflict> {
    return this.editor.update(context, input);
  }

  @Mutation(() => ChangeModelResult, {
    description:
      'Removes a model with its routes and what operators said of its price; usage keeps its name. Answers the model that was.',
  })
  @Allow('models:write')
  removeModel(
    @Context() context: AdminContext,
    @Args('input', { description: 'Which one.' }) input: RemoveModelInput,
  ): Promise<ModelNode | VersionConflict> {
    return this.editor.remove(context, input);
  }

  @ResolveField(() => ModelLimits, { description: 'Limits of all callers together.' })
  @Allow('limits:read')
  limits(@Parent() { rpm, tpm, concurrency }: ModelNode): ModelLimits {
    return Object.assign(new ModelLimits(), { rpm, tpm, concurrency });
  }

  @ResolveField(() => [RouteNode], {
    description: `The channels that serve it, at most ${ROUTES_SHOWN_MAX}; the query \`routes\` pages through all.`,
  })
  @Allow('channels:read')
  routes(@Parent() { id }: ModelNode, @Context() context: AdminContext): Promise<RouteNode[]> {
    return this.routeReader.ofModel(context.loaders, id);
  }

  @ResolveField(() => [PriceNode], {
    description: 'What callers pay now: on every channel, and on channels with a price of their own.',
  })
  @Allow('prices:read')
  async sellingPrices(@Parent() { id }: ModelNode, @Context() context: AdminContext): Promise<PriceNode[]> {
    const prices = await this.prices.current(context.loaders, id);
    return prices.filter(({ side }) => side === 'selling').map(currentToNode);
  }

  @ResolveField(() => [PriceNode], { description: 'What providers ask now.' })
  @Allow('costs:read')
  async purchasePrices(@Parent() { id }: ModelNode, @Context() context: AdminContext): Promise<PriceNode[]> {
    const prices = await this.prices.current(context.loaders, id);
    return prices.filter(({ side }) => side === 'purchase').map(currentToNode);
  }
}
