import { isDeepStrictEqual } from 'node:util';
import type { SqlSession } from '../database/sql.js';
import { DeclarationClashError } from './declaration-clash-error.js';
import type { ModelPrice } from './model-price.js';
import type { WantedModel } from './wanted-state.js';

interface Row {
  id: string;
  price: ModelPrice | null;
  managed_by: string | null;
}

/** Makes the declared models exist with their price. @returns true when a row was changed. */
export async function writeModels(session: SqlSession, wanted: ReadonlyMap<string, WantedModel>): Promise<boolean> {
  const rows = await session.query<Row>(`select id, price, managed_by from model`);
  const stored = new Map(rows.map((row) => [row.id, row]));
  let isChanged = false;
  for (const [id, model] of wanted) {
    const row = stored.get(id);
    if (row?.managed_by === null) {
      // An operator's own model may be served by a declared channel, but not be priced by two hands.
      if (model.isExplicit) throw new DeclarationClashError('model', id);
    } else if (row?.managed_by !== model.managedBy || !isDeepStrictEqual(row.price, model.price ?? null)) {
      await upsert(session, id, model);
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

async function upsert(session: SqlSession, id: string, model: WantedModel): Promise<void> {
  await session.query(
    `insert into model (id, price, managed_by) values ($1, $2::jsonb, $3)
     on conflict (id) do update set price = excluded.price, managed_by = excluded.managed_by, updated_at = now()`,
    [id, model.price === undefined ? null : JSON.stringify(model.price), model.managedBy],
  );
}
