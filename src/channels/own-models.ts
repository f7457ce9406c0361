import type { SqlSession } from '../database/sql.js';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import type { Declarer, OnDisconnect } from './declaration.js';

/** A model as operators see it. */
export interface StoredModel {
  /** The public name. */
  readonly id: string;
  readonly onDisconnect: OnDisconnect;
  readonly outputTokensDefault: number | null;
  readonly video: VideoModelPatch | null;
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
  'onDisconnect' | 'outputTokensDefault' | 'video' | 'rpm' | 'tpm' | 'concurrency'
>;

/** The columns of a {@link StoredModel} in the table `model`, which is called `m`. */
export const STORED_MODEL_COLUMNS = `m.id, m.on_disconnect as "onDisconnect", m.output_tokens_default as "outputTokensDefault",
  m.video, m.rpm_limit as rpm, m.tpm_limit as tpm, m.concurrency_limit as concurrency, m.managed_by as "managedBy",
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
    `insert into model (id, on_disconnect, output_tokens_default, video, rpm_limit, tpm_limit, concurrency_limit)
     values ($1, $2, $3, $4::jsonb, $5, $6, $7)`,
    [id, ...valuesOf(settings)],
  );
}

/** Stores what an operator has changed of a model; its version grows. @param session as for {@link insertModel}. */
export async function updateOwnModel(session: SqlSession, id: string, settings: ModelSettings): Promise<void> {
  await session.query(
    `update model set on_disconnect = $2, output_tokens_default = $3, video = $4::jsonb, rpm_limit = $5, tpm_limit = $6,
            concurrency_limit = $7, version = version + 1, updated_at = now() where id = $1`,
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
}

/** The columns of a {@link StoredRoute} in the table `route`, which is called `r`. */
export const STORED_ROUTE_COLUMNS = `r.channel_id as "channelId", r.model_id as "modelId", r.upstream_model as "upstreamModel"`;

/** Makes a channel serve a model, or gives a route another upstream name. @param session as for {@link insertModel}. */
export async function writeRoute(session: SqlSession, route: StoredRoute): Promise<void> {
  await session.query(
    `insert into route (channel_id, model_id, upstream_model) values ($1, $2, $3)
     on conflict (channel_id, model_id) do update set upstream_model = excluded.upstream_model`,
    [route.channelId, route.modelId, route.upstreamModel],
  );
}

/** Ends a route; requests under way go on. @param session as for {@link insertModel}. */
export async function deleteRoute(session: SqlSession, channelId: string, modelId: string): Promise<void> {
  await session.query(`delete from route where channel_id = $1 and model_id = $2`, [channelId, modelId]);
}

function valuesOf({ onDisconnect, outputTokensDefault, video, rpm, tpm, concurrency }: ModelSettings) {
  const videoJson = video === null ? null : JSON.stringify(video);
  return [onDisconnect, outputTokensDefault, videoJson, rpm, tpm, concurrency] as const;
}
