import { Inject, Injectable } from '@nestjs/common';
import { type Caller, mayUseModel } from '../../auth/caller.js';
import type { CatalogModel } from '../../channels/catalog.types.js';
import { ModelCatalog } from '../../routing/model-catalog.js';
import { modelNotFound } from '../../routing/routing.errors.js';
import type { RoutingTable } from '../../routing/routing-table.js';
import { type ModelProfile, toProfile } from './model-profile.js';
import { type ModelPrices, toModelPrices } from './to-model-prices.js';

/** What the hub knows of a model beyond OpenAI's list; clients of OpenAI pass over it. */
export interface HubView extends ModelProfile {
  /** Null while the model has no price, and so cannot be used. */
  readonly prices: ModelPrices | null;
  /** Some channels of the model have another price; those shown are of the first choice. Left out when all are alike. */
  readonly prices_vary?: true;
  /** Models that may serve a request in its place, as far as the caller may use them. Left out when there are none. */
  readonly fallbacks?: readonly string[];
}

/** A model as OpenAI lists it, with what the hub knows of it. */
export interface ModelView {
  readonly id: string;
  readonly object: 'model';
  /** Unix time in seconds. */
  readonly created: number;
  readonly owned_by: string;
  readonly hub: HubView;
}

/** The models a caller may use. */
@Injectable()
export class ModelsService {
  /** Worked out once for each table: it depends on no caller. */
  private readonly profiles = new WeakMap<RoutingTable, Map<string, ModelProfile>>();

  constructor(@Inject(ModelCatalog) private readonly catalog: ModelCatalog) {}

  /** All of them, by name. */
  list(caller: Caller): { object: 'list'; data: ModelView[] } {
    const { table } = this.catalog;
    const models = [...table.models.values()].filter((model) => mayUseModel(caller, model.id));
    models.sort((a, b) => (a.id < b.id ? -1 : 1));
    return { object: 'list', data: models.map((model) => this.toView(caller, model, table)) };
  }

  /**
   * One of them.
   * @throws HubError 404.
   */
  get(caller: Caller, id: string): ModelView {
    const { table } = this.catalog;
    const model = mayUseModel(caller, id) ? table.models.get(id) : undefined;
    if (model === undefined) throw modelNotFound(id.slice(0, 256));
    return this.toView(caller, model, table);
  }

  private toView(caller: Caller, model: CatalogModel, table: RoutingTable): ModelView {
    const versions = table.candidatesOf(model.id).map(({ channel }) => table.prices.selling(model.id, channel.id));
    const priced = versions.find((version) => version !== undefined);
    const fallbacks = (model.routing?.fallbacks ?? [])
      .map((fallback) => fallback.model)
      .filter((id) => mayUseModel(caller, id) && table.models.has(id));
    return {
      id: model.id,
      object: 'model',
      created: Math.floor(model.createdAt.getTime() / 1000),
      owned_by: 'ug-ai-hub',
      hub: {
        ...this.profileOf(model, table),
        prices: priced === undefined ? null : toModelPrices(priced.price, caller.multiplierMillionths),
        ...(versions.some((version) => version !== undefined && version !== priced) && { prices_vary: true as const }),
        ...(fallbacks.length > 0 && { fallbacks }),
      },
    };
  }

  private profileOf(model: CatalogModel, table: RoutingTable): ModelProfile {
    const known = this.profiles.get(table) ?? new Map<string, ModelProfile>();
    this.profiles.set(table, known);
    let profile = known.get(model.id);
    if (profile === undefined) {
      profile = toProfile(model, table.candidatesOf(model.id));
      known.set(model.id, profile);
    }
    return profile;
  }
}
