import { Inject, Injectable } from '@nestjs/common';
import { STORED_ROUTE_COLUMNS, type StoredRoute } from '../../../channels/own-models.js';
import { ADMIN_SQL, type Sql } from '../../../database/sql.js';
import { type Page, readPage, toPage } from '../../graphql/connection.js';
import type { Loaders } from '../../graphql/loaders.js';
import { readId } from '../../graphql/read-id.js';
import { checkModelId } from '../check-input.js';
import { type RouteNode, type RoutesArgs, toRouteNode } from './route.type.js';

/** Routes shown of one channel or model where it stands in a list. */
export const ROUTES_SHOWN_MAX = 100;

const CURSOR = [/^\d{1,18}$/, /^[^\0]{1,256}$/];

/** Reads routes for the admin API. */
@Injectable()
export class RouteReader {
  /** What the batch loaders are told apart by. */
  private readonly byChannel = {};
  private readonly byModel = {};

  constructor(@Inject(ADMIN_SQL) private readonly sql: Sql) {}

  /** @throws HubError 400 for arguments that are none, 404 for a channel or model that there cannot be. */
  async list(args: RoutesArgs): Promise<Page<RouteNode>> {
    const request = readPage(args, CURSOR);
    const { channelId, modelId } = args.filter ?? {};
    const rows = await this.sql.query<StoredRoute>(
      `select ${STORED_ROUTE_COLUMNS} from route r
        where ($1::bigint is null or (r.channel_id, r.model_id) > ($1, $2::text))
          and ($4::bigint is null or r.channel_id = $4) and ($5::text is null or r.model_id = $5)
        order by r.channel_id, r.model_id limit $3`,
      [
        request.after?.[0] ?? null,
        request.after?.[1] ?? null,
        request.limit,
        channelId == null ? null : readId('channel', channelId, 'filter.channelId'),
        modelId == null ? null : checkModelId(modelId, 'filter.modelId'),
      ],
    );
    return toPage(request, rows, (row) => [row.channelId, row.modelId], toRouteNode);
  }

  /** The first routes of a channel; one statement for all channels of a list. */
  async ofChannel(loaders: Loaders, channelId: string): Promise<RouteNode[]> {
    const routes = await loaders.load(this.byChannel, channelId, async (ids) => {
      const rows = await this.sql.query<StoredRoute>(
        `select ${STORED_ROUTE_COLUMNS} from unnest($1::bigint[]) as wanted (id)
          cross join lateral (select * from route where channel_id = wanted.id order by model_id limit ${ROUTES_SHOWN_MAX}) r`,
        [ids],
      );
      return Map.groupBy(rows, (row) => row.channelId);
    });
    return (routes ?? []).map(toRouteNode);
  }

  /** The first routes of a model; one statement for all models of a list. */
  async ofModel(loaders: Loaders, modelId: string): Promise<RouteNode[]> {
    const routes = await loaders.load(this.byModel, modelId, async (ids) => {
      const rows = await this.sql.query<StoredRoute>(
        `select ${STORED_ROUTE_COLUMNS} from unnest($1::text[]) as wanted (id)
          cross join lateral (select * from route where model_id = wanted.id order by channel_id limit ${ROUTES_SHOWN_MAX}) r`,
        [ids],
      );
      return Map.groupBy(rows, (row) => row.modelId);
    });
    return (routes ?? []).map(toRouteNode);
  }
}
