import type { SqlParameter, SqlSession } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';
import { joinCredentials, writeCallbackSecret, writeCredentials } from './channel-secrets.js';
import { callbackSecretBinding, credentialBinding } from './credential-binding.js';
import type { RoutePlace } from './declaration.js';
import { DeclarationClashError } from './declaration-clash-error.js';
import type { WantedChannel } from './wanted-state.js';

interface Row {
  id: string;
  name: string;
  provider: string;
  base_url: string | null;
  credential: Buffer | null;
  allow_private_network: boolean;
  priority: number;
  weight: number;
  tasks_max: number | null;
  concurrency_max: number | null;
  callback_secret: Buffer | null;
  enabled: boolean;
  managed_by: string | null;
}

/** Makes the declared channels exist, and switches off those nobody declares any more. @returns true when a row was changed. */
export async function reconcileChannels(
  session: SqlSession,
  cipher: CredentialCipher,
  wanted: ReadonlyMap<string, WantedChannel>,
): Promise<boolean> {
  const rows = await session.query<Row>(
    `select id, name, provider, base_url, credential, allow_private_network, priority, weight, tasks_max, concurrency_max,
            callback_secret, enabled, managed_by from channel`,
  );
  let isChanged = false;
  for (const row of rows) {
    const channel = wanted.get(row.name);
    if (channel === undefined) isChanged = (await switchOff(session, row)) || isChanged;
    else if (row.managed_by === null) throw new DeclarationClashError('channel', row.name);
    else isChanged = (await update(session, cipher, row, channel)) || isChanged;
  }
  const stored = new Set(rows.map((row) => row.name));
  for (const channel of wanted.values()) {
    if (stored.has(channel.name)) continue;
    await insert(session, cipher, channel);
    isChanged = true;
  }
  return isChanged;
}

async function switchOff(session: SqlSession, row: Row): Promise<boolean> {
  if (row.managed_by === null) return false;
  const removed = await session.query(`delete from route where channel_id = $1 returning model_id`, [row.id]);
  if (row.enabled) {
    await session.query(`update channel set enabled = false, version = version + 1, updated_at = now() where id = $1`, [
      row.id,
    ]);
  }
  return row.enabled || removed.length > 0;
}

async function insert(session: SqlSession, cipher: CredentialCipher, channel: WantedChannel): Promise<void> {
  const [row] = await session.query<{ id: string }>(
    `insert into channel (name, provider, base_url, allow_private_network, priority, weight, managed_by, tasks_max,
       concurrency_max)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [channel.name, ...settingsOf(channel)],
  );
  if (row === undefined) throw new Error(`The channel "${channel.name}" was not stored`);
  await writeCredentials(session, cipher, row.id, credentialsOf(channel));
  await writeCallbackSecret(session, cipher, row.id, channel.callbackSecret);
  await writeRoutes(session, row.id, channel.models, channel.places);
}

async function update(
  session: SqlSession,
  cipher: CredentialCipher,
  row: Row,
  channel: WantedChannel,
): Promise<boolean> {
  const isRowChanged =
    row.provider !== channel.provider ||
    row.base_url !== (channel.baseUrl ?? null) ||
    row.allow_private_network !== channel.allowPrivateNetwork ||
    row.priority !== channel.priority ||
    row.weight !== channel.weight ||
    row.tasks_max !== (channel.tasksMax ?? null) ||
    row.concurrency_max !== (channel.concurrencyMax ?? null) ||
    row.managed_by !== channel.managedBy ||
    !row.enabled;
  const isCredentialChanged =
    (await opened(session, cipher, row.credential, credentialBinding(row.id))) !==
    joinCredentials(credentialsOf(channel));
  if (isCredentialChanged) await writeCredentials(session, cipher, row.id, credentialsOf(channel));
  const storedSecret = await opened(session, cipher, row.callback_secret, callbackSecretBinding(row.id));
  const isSecretChanged = storedSecret !== channel.callbackSecret;
  if (isSecretChanged) await writeCallbackSecret(session, cipher, row.id, channel.callbackSecret);
  if (isRowChanged || isCredentialChanged || isSecretChanged) {
    await session.query(
      `update channel set provider = $2, base_url = $3, allow_private_network = $4, priority = $5, weight = $6,
              managed_by = $7, tasks_max = $8, concurrency_max = $9, enabled = true, version = version + 1, updated_at = now() where id = $1`,
      [row.id, ...settingsOf(channel)],
    );
  }
  const isRoutesChanged = await writeRoutes(session, row.id, channel.models, channel.places);
  return isRowChanged || isCredentialChanged || isSecretChanged || isRoutesChanged;
}

/** In the order of provider, base_url, allow_private_network, priority, weight, managed_by, tasks_max, concurrency_max. */
function settingsOf(channel: WantedChannel): readonly SqlParameter[] {
  return [
    channel.provider,
    channel.baseUrl ?? null,
    channel.allowPrivateNetwork,
    channel.priority,
    channel.weight,
    channel.managedBy,
    channel.tasksMax ?? null,
    channel.concurrencyMax ?? null,
  ];
}

function credentialsOf({ apiKey, moreApiKeys = [] }: WantedChannel): readonly string[] {
  return apiKey === undefined ? [] : [apiKey, ...moreApiKeys];
}

/** What is stored, to compare; null when it cannot be opened, which makes it be written anew. */
async function opened(
  session: SqlSession,
  cipher: CredentialCipher,
  sealed: Buffer | null,
  binding: string,
): Promise<string | null | undefined> {
  if (sealed === null) return undefined;
  return cipher.decrypt(sealed, binding, session).catch(() => null);
}

/**
 * Makes a channel serve exactly these models, which exist.
 *
 * @param places where its place in the order of a model is not its own, by public model name.
 * @returns true when a row was changed.
 */
export async function writeRoutes(
  session: SqlSession,
  channelId: string,
  models: ReadonlyMap<string, string>,
  places?: ReadonlyMap<string, RoutePlace>,
): Promise<boolean> {
  const names = [...models.keys()];
  const ranks = (rank: keyof RoutePlace) => names.map((name) => places?.get(name)?.[rank]?.toString() ?? null);
  const removed = await session.query(
    `delete from route where channel_id = $1 and model_id <> all ($2::text[]) returning model_id`,
    [channelId, names],
  );
  const written = await session.query(
    `insert into route (channel_id, model_id, upstream_model, priority, weight)
     select $1, m.id, m.upstream, m.priority::integer, m.weight::integer
       from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as m (id, upstream, priority, weight)
     on conflict (channel_id, model_id) do update set upstream_model = excluded.upstream_model,
       priority = excluded.priority, weight = excluded.weight
      where (route.upstream_model, route.priority, route.weight)
         is distinct from (excluded.upstream_model, excluded.priority, excluded.weight)
     returning model_id`,
    [channelId, names, [...models.values()], ranks('priority'), ranks('weight')],
  );
  return removed.length + written.length > 0;
}
