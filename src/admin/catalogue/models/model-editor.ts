import { Inject, Injectable } from '@nestjs/common';
import type { Declarer } from '../../../channels/declaration.js';
import {
  deleteModel,
  insertModel,
  readStoredModels,
  type StoredModel,
  updateOwnModel,
} from '../../../channels/own-models.js';
import type { SqlSession } from '../../../database/sql.js';
import { writePriceVersion } from '../../../pricing/add-price-version.js';
import { readStoredPrices } from '../../../pricing/current-prices.js';
import { sourceKindOf } from '../../../pricing/price-source.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { declaredElsewhere, nameTaken, notFound } from '../../graphql/graphql.errors.js';
import { type VersionConflict, versionConflict } from '../../graphql/version-conflict.js';
import { CatalogueChanges } from '../catalogue-changes.js';
import { checkModelId, checkText } from '../check-input.js';
import type { CreateModelInput, RemoveModelInput, UpdateModelInput } from './model.input.js';
import { type ModelNode, toModelNode } from './model.type.js';
import { changedSettings, NEW_MODEL } from './model-settings.js';

/** Changes models of operators' own; declared ones are refused. */
@Injectable()
export class ModelEditor {
  constructor(@Inject(CatalogueChanges) private readonly changes: CatalogueChanges) {}

  /** @throws HubError 400 naming the field, 409 `name_taken`. */
  async create(context: AdminContext, input: CreateModelInput): Promise<ModelNode> {
    const id = checkText(input.id, 'id');
    const settings = changedSettings(input, NEW_MODEL);
    return this.changes.run(context, async (session, trail) => {
      if ((await readStoredModels(session, [id])).has(id)) throw nameTaken('model', id, 'id');
      await insertModel(session, id, settings);
      const after = await readModel(session, id);
      trail.changed({ action: 'model.create', kind: 'model', id, after: snapshotOf(after) });
      return toModelNode(after);
    });
  }

  /** @throws HubError 400 naming the field, 404, 409 `declared_elsewhere`. */
  async update(context: AdminContext, input: UpdateModelInput): Promise<ModelNode | VersionConflict> {
    const id = checkModelId(input.id);
    return this.changes.run(context, async (session, trail) => {
      const before = await findOwnModel(session, id);
      if (before.version !== input.version) return trail.refuse(versionConflict(`model "${id}"`, before.version));
      await updateOwnModel(session, id, changedSettings(input, before));
      const after = await readModel(session, id);
      trail.changed({
        action: 'model.update',
        kind: 'model',
        id,
        before: snapshotOf(before),
        after: snapshotOf(after),
      });
      return toModelNode(after);
    });
  }

  /**
   * Ends a model with its routes. What operators had said of its price is withdrawn, so that another model of this name begins
   * without one rather than with an old one.
   *
   * @throws HubError 404, 409 `declared_elsewhere`, also when a declared channel serves it: it would be back with the next start.
   */
  async remove(context: AdminContext, input: RemoveModelInput): Promise<ModelNode | VersionConflict> {
    const id = checkModelId(input.id);
    const source = `operator:user:${context.requireActor().userId}`;
    return this.changes.run(context, async (session, trail) => {
      const before = await findOwnModel(session, id);
      if (before.version !== input.version) return trail.refuse(versionConflict(`model "${id}"`, before.version));
      await requireNoDeclaredRoute(session, id);
      for (const { side, channelId, source: stated } of await readStoredPrices(session, [id])) {
        if (sourceKindOf(stated) !== 'operator') continue;
        await writePriceVersion(session, { model: id, side, channelId, price: null, source });
      }
      await deleteModel(session, id);
      trail.changed({ action: 'model.remove', kind: 'model', id, before: snapshotOf(before) });
      return toModelNode(before);
    });
  }
}

async function findOwnModel(session: SqlSession, id: string): Promise<StoredModel> {
  const model = (await readStoredModels(session, [id])).get(id);
  if (model === undefined) throw notFound('model', id);
  if (model.managedBy !== null) throw declaredElsewhere(`model "${id}"`, model.managedBy);
  return model;
}

async function requireNoDeclaredRoute(session: SqlSession, id: string): Promise<void> {
  const [row] = await session.query<{ name: string; managed_by: Declarer }>(
    `select c.name, c.managed_by from route r join channel c on c.id = r.channel_id
      where r.model_id = $1 and c.managed_by is not null order by c.id limit 1`,
    [id],
  );
  if (row !== undefined) {
    throw declaredElsewhere(`route of the channel "${row.name}" for the model "${id}"`, row.managed_by);
  }
}

async function readModel(session: SqlSession, id: string): Promise<StoredModel> {
  const model = (await readStoredModels(session, [id])).get(id);
  if (model === undefined) throw new Error(`The model "${id}" was not stored`);
  return model;
}

/** What the audit log keeps of a model. */
function snapshotOf({ createdAt: _createdAt, updatedAt: _updatedAt, ...rest }: StoredModel): object {
  return rest;
}
