import { isDeepStrictEqual } from 'node:util';
import { Inject, Injectable } from '@nestjs/common';
import {
  deleteRoute,
  readStoredModels,
  STORED_ROUTE_COLUMNS,
  type StoredRoute,
  writeRoute,
} from '../../../channels/own-models.js';
import type { SqlSession } from '../../../database/sql.js';
import type { AdminContext } from '../../graphql/admin-context.js';
import { notFound } from '../../graphql/graphql.errors.js';
import { readId } from '../../graphql/read-id.js';
import { CatalogueChanges } from '../catalogue-changes.js';
import { findOwnChannel } from '../channels/channel-editor.js';
import { checkModelId, checkPriority, checkText, checkWeight } from '../check-input.js';
import { type AddRouteInput, type RemoveRouteInput, type RouteNode, toRouteNode } from './route.type.js';

/** Changes which channels of operators' own serve which models. */
@Injectable()
export class RouteEditor {
  constructor(@Inject(CatalogueChanges) private readonly changes: CatalogueChanges) {}

  /** @throws HubError 400 or 404 naming the field, 409 `declared_elsewhere` for a declared channel. */
  async add(context: AdminContext, input: AddRouteInput): Promise<RouteNode> {
    const channelId = readId('channel', input.channelId, 'channelId');
    const modelId = checkModelId(input.modelId, 'modelId');
    const upstreamModel = input.upstreamModel == null ? modelId : checkText(input.upstreamModel, 'upstreamModel');
    if (input.priority != null) checkPriority(input.priority);
    if (input.weight != null) checkWeight(input.weight);
    return this.changes.run(context, async (session, trail) => {
      await findOwnChannel(session, channelId, 'channelId');
      const models = await readStoredModels(session, [modelId]);
      if (!models.has(modelId)) throw notFound('model', modelId, 'modelId');
      const before = await findRoute(session, channelId, modelId);
      const { priority = before?.priority ?? null, weight = before?.weight ?? null } = input;
      const route = { channelId, modelId, upstreamModel, priority, weight };
      if (isDeepStrictEqual(route, { ...before })) return trail.refuse(toRouteNode(route));
      await writeRoute(session, route);
      const action = before === undefined ? 'route.create' : 'route.update';
      trail.changed({ action, kind: 'route', id: `${channelId}:${modelId}`, before, after: route });
      return toRouteNode(route);
    });
  }

  /** @throws HubError 404 naming the field, 409 `declared_elsewhere` for a declared channel. */
  async remove(context: AdminContext, input: RemoveRouteInput): Promise<RouteNode> {
    const channelId = readId('channel', input.channelId, 'channelId');
    const modelId = checkModelId(input.modelId, 'modelId');
    return this.changes.run(context, async (session, trail) => {
      await findOwnChannel(session, channelId, 'channelId');
      const before = await findRoute(session, channelId, modelId);
      if (before === undefined) throw notFound('route of this channel for', modelId, 'modelId');
      await deleteRoute(session, channelId, modelId);
      trail.changed({ action: 'route.remove', kind: 'route', id: `${channelId}:${modelId}`, before });
      return toRouteNode(before);
    });
  }
}

async function findRoute(session: SqlSession, channelId: string, modelId: string): Promise<StoredRoute | undefined> {
  const [row] = await session.query<StoredRoute>(
    `select ${STORED_ROUTE_COLUMNS} from route r where r.channel_id = $1 and r.model_id = $2`,
    [channelId, modelId],
  );
  return row;
}
