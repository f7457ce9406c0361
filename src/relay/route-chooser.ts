import { Inject, Injectable } from '@nestjs/common';
import { type Caller, mayUseModel } from '../auth/caller.js';
import type { CatalogModel } from '../channels/catalog.types.js';
import { FALLBACK_TRIGGERS_DEFAULT, type FallbackTrigger } from '../channels/model-routing.js';
import type { HubError } from '../common/hub-error.js';
import { describeModel } from '../jobs/describe-model.js';
import { modelNotPriced } from '../pricing/pricing.errors.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import { ableCandidates, type OperationName } from '../routing/able-candidates.js';
import type { Candidate } from '../routing/candidate.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import type { PassedOver } from '../routing/plan-route.js';
import type { RequestFacts } from '../routing/request-facts.js';
import { RoutePlanner } from '../routing/route-planner.js';
import { modelNotFound } from '../routing/routing.errors.js';
import type { RoutingTable } from '../routing/routing-table.js';
import { toCallerError } from '../routing/to-caller-error.js';
import { purposeHint } from './model-purpose.js';
import { operationNotSupported } from './relay.errors.js';
import type { Choice, PlannedCandidate } from './route-choice.js';

const OPERATION_TITLES: Readonly<Record<OperationName, string>> = {
  chat: 'chat completions',
  embeddings: 'embeddings',
  images: 'image generation',
  imageEdits: 'image edits',
  completions: 'text completions',
  moderations: 'moderations',
  transcriptions: 'transcriptions of sound',
  speech: 'speech',
  rerank: 'reranking',
};

const NO_CHANNEL = new ProviderError({ kind: 'model_missing', message: 'No channel of the model is switched on.' });

/** Chooses what may serve a request: the channels of its model, and after them those of its fallbacks. */
@Injectable()
export class RouteChooser {
  /** Candidates live as long as their table, so that each is looked at once. */
  private readonly videoCandidates = new WeakMap<Candidate, boolean>();

  constructor(
    @Inject(ModelCatalog) private readonly catalog: ModelCatalog,
    @Inject(RoutePlanner) private readonly planner: RoutePlanner,
  ) {}

  /**
   * A model that the caller may use, also one that only its fallbacks can serve.
   * @throws HubError 404 for any other.
   */
  modelOf(caller: Caller, id: string): CatalogModel {
    const { models, dormant } = this.catalog.table;
    const model = mayUseModel(caller, id) ? (models.get(id) ?? dormant.get(id)) : undefined;
    if (model === undefined) throw modelNotFound(id);
    return model;
  }

  /**
   * What may serve a request, in the order in which it is tried.
   * @throws HubError 404 for an unknown model or one the key may not use, 400 when no channel offers the operation or none, nor a fallback
   * of a model without channels, can honour what the request needs, 503 `model_not_priced` when none of them has a price, 503
   * `model_unavailable` when the model has no channel and none of its fallbacks can serve it now.
   */
  choose(caller: Caller, id: string, facts: RequestFacts): Choice {
    const { table } = this.catalog;
    const model = this.modelOf(caller, id);
    if (!table.models.has(id)) return this.chooseInPlaceOf(model, caller, facts);
    const candidates = this.candidatesOf(table, model, facts.operation);
    if (candidates.length === 0) {
      throw operationNotSupported(id, OPERATION_TITLES[facts.operation], this.hintOf(table, model, facts));
    }
    const { prices } = table;
    const { order, passedOver: passed, reserves } = this.planner.plan({ candidates, facts, model, prices });
    if (order.length === 0 && passed.length === 0) throw this.unpriced(table, model, facts);
    const passedOver = passed.map(({ candidate, error, cause }) => ({ candidate, error, isUnfit: cause === 'unfit' }));
    const plan = order.map((candidate): PlannedCandidate => {
      return { candidate, model, opensOn: undefined, reserve: reserves.get(candidate) };
    });
    if (model.routing?.fallbacks !== undefined) this.addFallbacks(table, caller, model, facts, plan);
    const [unfit] = passedOver;
    if (plan.length === 0 && unfit !== undefined && passedOver.every(({ isUnfit }) => isUnfit)) {
      throw toCallerError(unfit.error, unfit.candidate.secrets);
    }
    return { model, prices, facts, plan, passedOver };
  }

  /** What may serve a model that has no channel of its own any more: those of its fallbacks that are for what is unavailable. */
  private chooseInPlaceOf(model: CatalogModel, caller: Caller, facts: RequestFacts): Choice {
    const { table } = this.catalog;
    const plan: PlannedCandidate[] = [];
    const passed = this.addFallbacks(table, caller, model, facts, plan);
    if (passed === undefined) throw modelNotFound(model.id);
    if (!plan.some(({ opensOn }) => opensOn?.includes('unavailable'))) {
      const [unfit] = passed.every(({ cause }) => cause === 'unfit') ? passed : [];
      throw unfit === undefined ? toCallerError(NO_CHANNEL, []) : toCallerError(unfit.error, unfit.candidate.secrets);
    }
    return { model, prices: table.prices, facts, plan, passedOver: [], unserved: NO_CHANNEL };
  }

  /** @returns who of fallbacks for what is unavailable is not asked, and why; undefined when the caller may use no fallback at all. */
  private addFallbacks(
    table: RoutingTable,
    caller: Caller,
    asked: CatalogModel,
    facts: RequestFacts,
    plan: PlannedCandidate[],
  ): readonly PassedOver[] | undefined {
    const seen = new Set([asked.id]);
    const passed: PassedOver[] = [];
    for (const { model: id, on } of asked.routing?.fallbacks ?? []) {
      const model = mayUseModel(caller, id) && !seen.has(id) ? table.models.get(id) : undefined;
      if (model === undefined) continue;
      seen.add(id);
      const opensOn: readonly FallbackTrigger[] = on ?? FALLBACK_TRIGGERS_DEFAULT;
      const candidates = this.candidatesOf(table, model, facts.operation);
      const { order, passedOver, reserves } = this.planner.plan({ candidates, facts, model, prices: table.prices });
      for (const candidate of order) plan.push({ candidate, model, opensOn, reserve: reserves.get(candidate) });
      if (opensOn.includes('unavailable')) passed.push(...passedOver);
    }
    return seen.size > 1 ? passed : undefined;
  }

  /** Nobody can be charged for it: there is no price, or one of something else that the model is for. */
  private unpriced(table: RoutingTable, model: CatalogModel, facts: RequestFacts): HubError {
    const { operation } = facts;
    const hasPrice = table.candidatesOf(model.id).some(({ channel }) => table.prices.selling(model.id, channel.id));
    if (!hasPrice) return modelNotPriced(model.id);
    const hint = this.hintOf(table, model, facts);
    if (hint === undefined) return modelNotPriced(model.id, OPERATION_TITLES[operation]);
    return operationNotSupported(model.id, OPERATION_TITLES[operation], hint);
  }

  private hintOf(table: RoutingTable, model: CatalogModel, { operation }: RequestFacts): string | undefined {
    return table
      .candidatesOf(model.id)
      .map((one) => purposeHint(one.target.upstreamModel, operation, this.makesVideos(one, model)))
      .find((hint) => hint !== undefined);
  }

  private candidatesOf(table: RoutingTable, model: CatalogModel, operation: OperationName): readonly Candidate[] {
    return ableCandidates(table.candidatesOf(model.id), operation, (one) => this.makesVideos(one, model));
  }

  private makesVideos(candidate: Candidate, model: CatalogModel): boolean {
    const known = this.videoCandidates.get(candidate);
    if (known !== undefined) return known;
    const isForVideos = describeModel(candidate, model.video) !== undefined;
    this.videoCandidates.set(candidate, isForVideos);
    return isForVideos;
  }
}
