import { isDeepStrictEqual } from 'node:util';
import type { SqlSession } from '../database/sql.js';
import type { VideoModelPatch } from '../providers/canonical/video.js';
import type { OnDisconnect } from './declaration.js';
import { DeclarationClashError } from './declaration-clash-error.js';
import { type ModelRouting, toStoredRouting } from './model-routing.js';
import type { WantedModel } from './wanted-state.js';

interface Row {
  id: string;
  managed_by: string | null;
  on_disconnect: OnDisconnect;
  output_tokens_default: number | null;
  video: VideoModelPatch | null;
  rpm_limit: number | null;
  tpm_limit: number | null;
  concurrency_limit: number | null;
  routing: ModelRouting | null;
}

const COLUMNS = [
  'managed_by',
  'on_disconnect',
  'output_tokens_default',
  'video',
  'rpm_limit',
  'tpm_limit',
  'concurrency_limit',
  'routing',
] as const;

/** Makes the declared models exist with their settings. @returns true when a row was changed. */
export async function writeModels(session: SqlSession, wanted: ReadonlyMap<string, WantedModel>): Promise<boolean> {
  const rows = await session.query<Row>(`select id, ${COLUMNS.join(', ')} from model`);
  const stored = new Map(rows.map((row) => [row.id, row]));
  let isChanged = false;
  for (const [id, model] of wanted) {
    const row = stored.get(id);
    const next = toRow(id, model);
    if (row?.managed_by === null) {
      // An operator's own model may be served by a declared channel, but not be ruled by two hands.
      if (model.isExplicit) throw new DeclarationClashError('model', id);
    } else if (row === undefined || COLUMNS.some((column) => !isDeepStrictEqual(row[column], next[column]))) {
      await upsert(session, next);
      isChanged = true;
    }
  }
  return isChanged;
}

/**
 * Lets go of models that nobody declares any more: gone when no channel serves them, an operator's own otherwise.
 *
 * @returns true when a row was changed.
 */
export async function dropModels(session: SqlSession, wanted: ReadonlyMap<string, WantedModel>): Promise<boolean> {
  const kept = [...wanted.keys()];
  const dropped = await session.query(
    `delete from model where managed_by is not null and id <> all ($1::text[])
        and not exists (select from route where model_id = id) returning id`,
    [kept],
  );
  const released = await session.query(
    `update model set managed_by = null, updated_at = now()
      where managed_by is not null and id <> all ($1::text[]) returning id`,
    [kept],
  );
  return dropped.length + released.length > 0;
}

function toRow(id: string, { managedBy, onDisconnect, outputTokensDefault, video, limits, routing }: WantedModel): Row {
  return {
    id,
    managed_by: managedBy,
    on_disconnect: onDisconnect ?? 'abort',
    output_tokens_default: outputTokensDefault ?? null,
    video: video ?? null,
    rpm_limit: limits?.rpm ?? null,
    tpm_limit: limits?.tpm ?? null,
    concurrency_limit: limits?.concurrency ?? null,
    routing: toStoredRouting(routing),
  };
}

async function upsert(session: SqlSession, row: Row): Promise<void> {
  await session.query(
    `insert into model (id, ${COLUMNS.join(', ')}) values ($1, $2, $3, $4, $5::jsonb, $6, $7, $8, $9::jsonb)
     on conflict (id) do update set ${COLUMNS.map((column) => `${column} = excluded.${column}`).join(', ')},
       updated_at = now()`,
    [row.id, ...COLUMNS.map((column) => toParameter(row, column))],
  );
}

function toParameter(row: Row, column: (typeof COLUMNS)[number]): string | number | null {
  const value = row[column];
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
}
