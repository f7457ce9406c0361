import type { SqlSession } from '../database/sql.js';
import type { CredentialCipher } from '../secrets/credential-cipher.js';
import { writeCallbackSecret, writeCredentials } from './channel-secrets.js';
import type { StoredChannel } from './stored-channel.js';

/** What an operator sets of a channel of their own, besides its secrets. */
export type ChannelSettings = Pick<
  StoredChannel,
  'name' | 'baseUrl' | 'allowPrivateNetwork' | 'priority' | 'weight' | 'tasksMax' | 'concurrencyMax'
>;

/** Secrets in the clear. Undefined leaves what is stored, null or an empty list takes it away. */
export interface ChannelSecrets {
  /** All of them, the one to be used first at their head. */
  readonly credentials?: readonly string[];
  readonly callbackSecret?: string | null;
}

/**
 * Makes a channel of an operator's own.
 *
 * @param session a transaction that holds the catalogue's lock.
 * @returns its id.
 */
export async function insertChannel(
  session: SqlSession,
  cipher: CredentialCipher,
  channel: ChannelSettings & Pick<StoredChannel, 'provider' | 'isEnabled'>,
  secrets: ChannelSecrets,
): Promise<string> {
  const [row] = await session.query<{ id: string }>(
    `insert into channel (name, base_url, allow_private_network, priority, weight, tasks_max, concurrency_max, provider,
       enabled)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id`,
    [...valuesOf(channel), channel.provider, channel.isEnabled],
  );
  if (row === undefined) throw new Error(`The channel "${channel.name}" was not stored`);
  await writeSecrets(session, cipher, row.id, secrets);
  return row.id;
}

/** Stores what an operator has changed of a channel; its version grows. @param session as for {@link insertChannel}. */
export async function updateOwnChannel(
  session: SqlSession,
  cipher: CredentialCipher,
  id: string,
  channel: ChannelSettings,
  secrets: ChannelSecrets,
): Promise<void> {
  await writeSecrets(session, cipher, id, secrets);
  await session.query(
    `update channel set name = $1, base_url = $2, allow_private_network = $3, priority = $4, weight = $5, tasks_max = $6,
            concurrency_max = $7, version = version + 1, updated_at = now() where id = $8`,
    [...valuesOf(channel), id],
  );
}

/** Switches a channel on or off. What it has begun is brought to its end. @param session as for {@link insertChannel}. */
export async function setChannelEnabled(session: SqlSession, id: string, isEnabled: boolean): Promise<void> {
  await session.query(`update channel set enabled = $2, version = version + 1, updated_at = now() where id = $1`, [
    id,
    isEnabled,
  ]);
}

/**
 * Takes a channel out of use for good. Its row stays, because usage points at it and its id is never given again; its name is
 * free. Its secrets are erased with {@link eraseRemovedSecrets}.
 *
 * @param session as for {@link insertChannel}.
 */
export async function removeChannel(session: SqlSession, id: string): Promise<void> {
  await session.query(`delete from route where channel_id = $1`, [id]);
  // No channel can be given a name with these characters.
  await session.query(
    `update channel set enabled = false, removed_at = now(), name = name || ' (removed ' || id || ')',
            version = version + 1, updated_at = now() where id = $1`,
    [id],
  );
  await eraseRemovedSecrets(session);
}

/** Erases the secrets of removed channels, but for those that jobs under way still need: these go with a later call. */
export async function eraseRemovedSecrets(session: SqlSession): Promise<void> {
  await session.query(
    `update channel c set credential = null, credential_last4 = null, callback_secret = null
      where removed_at is not null and (credential is not null or callback_secret is not null)
        and not exists (select from job
          where channel_id = c.id and state in ('submitting', 'unknown', 'accepted', 'processing'))
        and not exists (select from job where channel_id = c.id and state = 'fetching' and due_at is not null)`,
  );
}

async function writeSecrets(
  session: SqlSession,
  cipher: CredentialCipher,
  id: string,
  { credentials, callbackSecret }: ChannelSecrets,
): Promise<void> {
  if (credentials !== undefined) await writeCredentials(session, cipher, id, credentials);
  if (callbackSecret !== undefined) await writeCallbackSecret(session, cipher, id, callbackSecret ?? undefined);
}

function valuesOf(channel: ChannelSettings) {
  const { name, baseUrl, allowPrivateNetwork, priority, weight, tasksMax, concurrencyMax } = channel;
  return [name, baseUrl, allowPrivateNetwork, priority, weight, tasksMax, concurrencyMax] as const;
}
