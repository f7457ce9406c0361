import { Inject, Injectable } from '@nestjs/common';
import { type Caller, mayUseModel } from '../auth/caller.js';
import type { CatalogModel } from '../channels/catalog.types.js';
import { ModelCatalog } from '../routing/model-catalog.js';
import { modelNotFound } from '../routing/routing.errors.js';

/** A model as OpenAI lists it. */
export interface ModelView {
  readonly id: string;
  readonly object: 'model';
  /** Unix time in seconds. */
  readonly created: number;
  readonly owned_by: string;
}

/** The models a caller may use. */
@Injectable()
export class ModelsService {
  constructor(@Inject(ModelCatalog) private readonly catalog: ModelCatalog) {}

  /** All of them, by name. */
  list(caller: Caller): { object: 'list'; data: ModelView[] } {
    const models = [...this.catalog.table.models.values()].filter((model) => mayUseModel(caller, model.id));
    models.sort((a, b) => (a.id < b.id ? -1 : 1));
    return { object: 'list', data: models.map(toView) };
  }

  /**
   * One of them.
   * @throws HubError 404.
   */
  get(caller: Caller, id: string): ModelView {
    const model = mayUseModel(caller, id) ? this.catalog.table.models.get(id) : undefined;
    if (model === undefined) throw modelNotFound(id.slice(0, 256));
    return toView(model);
  }
}

function toView(model: CatalogModel): ModelView {
  return {
    id: model.id,
    object: 'model',
    created: Math.floor(model.createdAt.getTime() / 1000),
    owned_by: 'ug-ai-hub',
  };
}
