import type { SqlSession } from '../database/sql.js';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import type { Declarer, OnDisconnect } from './declaration.js';
import type { ModelRouting } from './model-routing.js';

/** A model as operators see it. */
export interface StoredModel {
  /** The public name. */
  readonly id: string;
  readonly onDisconnect: OnDisconnect;
  readonly outputTokensDefault: number | null;
  readonly video: VideoModelPatch | null;
  /** null where all is by default. */
  readonly routing: ModelRouting | null;
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly concurrency: number | null;
  /** Who declares it; null for an operator's own. */
  readonly managedBy: Declarer | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What an operator sets of a model. */
export type ModelSettings = Pick<
  StoredModel,
  'onDisconnect' | 'outputTokensDefault' | 'video' | 'routing' | 'rpm' | 'tpm' | 'concurrency'
>;

/** The columns of a {@link StoredModel} in the table `model`, which is called `m`. */
export const STORED_MODEL_COLUMNS = `m.id, m.on_disconnect as "onDisconnect", m.output_tokens_default as "outputTokensDefault",
  m.video, m.routing, m.rpm_limit as rpm, m.tpm_limit as tpm, m.concurrency_limit as concurrency, m.managed_by as "managedBy",
  m.version, m.created_at as "createdAt", m.updated_at as "updatedAt"`;

/** Models by their public names. */
export async function readStoredModels(
  session: SqlSession,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredModel>> {
  const rows = await session.query<StoredModel>(
    `select ${STORED_MODEL_COLUMNS} from model m where m.id = any($1::text[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Makes a model of an operator's own. @param session a transaction that holds the catalogue's lock. */
export async function insertModel(session: SqlSession, id: string, settings: ModelSettings): Promise<void> {
  await session.query(
    `insert into model (id, on_disconnect, output_tokens_default, video, rpm_limit, tpm_limit, concurrency_limit, routing)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7, $8::jsonb)`,
    [id, ...valuesOf(settings)],
  );
}

/** Stores what an operator has changed of a model; its version grows. @param session as for {@link insertModel}. */
export async function updateOwnModel(session: SqlSession, id: string, settings: ModelSettings): Promise<void> {
  await session.query(
    `update model set on_disconnect = $2, output_tokens_default = $3, video = $4::jsonb, rpm_limit = $5, tpm_limit = $6,
            concurrency_limit = $7, routing = $8::jsonb, version = version + 1, updated_at = now() where id = $1`,
    [id, ...valuesOf(settings)],
  );
}

/** Takes a model away with its routes; usage keeps its name. @param session as for {@link insertModel}. */
export async function deleteModel(session: SqlSession, id: string): Promise<void> {
  await session.query(`delete from model where id = $1`, [id]);
}

/** A channel serves a model. */
export interface StoredRoute {
  readonly channelId: string;
  readonly modelId: string;
  /** The upstream's name for it. */
  readonly upstreamModel: string;
  /** Place in the order of this model; null takes the channel's. */
  readonly priority: number | null;
  readonly weight: number | null;
}

/** The columns of a {@link StoredRoute} in the table `route`, which is called `r`. */
export const STORED_ROUTE_COLUMNS = `r.channel_id as "channelId", r.model_id as "modelId", r.upstream_model as "upstreamModel",
  r.priority, r.weight`;

/** Makes a channel serve a model, or gives a route another upstream name or place. @param session as for {@link insertModel}. */
export async function writeRoute(session: SqlSession, route: StoredRoute): Promise<void> {
  await session.query(
    `insert into route (channel_id, model_id, upstream_model, priority, weight) values ($1, $2, $3, $4, $5)
     on conflict (channel_id, model_id) do update set upstream_model = excluded.upstream_model,
       priority = excluded.priority, weight = excluded.weight`,
    [route.channelId, route.modelId, route.upstreamModel, route.priority, route.weight],
  );
}

/** Ends a route; requests under way go on. @param session as for {@link insertModel}. */
export async function deleteRoute(session: SqlSession, channelId: string, modelId: string): Promise<void> {
  await session.query(`delete from route where channel_id = $1 and model_id = $2`, [channelId, modelId]);
}

function valuesOf({ onDisconnect, outputTokensDefault, video, routing, rpm, tpm, concurrency }: ModelSettings) {
  const videoJson = video === null ? null : JSON.stringify(video);
  const routingJson = routing === null ? null : JSON.stringify(routing);
  return [onDisconnect, outputTokensDefault, videoJson, rpm, tpm, concurrency, routingJson] as const;
}
