import type { SqlSession } from '../database/sql.js';
import type { Declarer } from './declaration.js';

/** A channel as operators see it: everything but its secrets. */
export interface StoredChannel {
  /** Row id, as a decimal string. */
  readonly id: string;
  readonly name: string;
  /** Provider id. */
  readonly provider: string;
  /** null takes the provider's own. */
  readonly baseUrl: string | null;
  readonly hasCredential: boolean;
  /** Of each credential, separated by commas; null where they are so short that four characters would tell too much. */
  readonly credentialLast4: string | null;
  readonly hasCallbackSecret: boolean;
  readonly allowPrivateNetwork: boolean;
  readonly priority: number;
  readonly weight: number;
  readonly tasksMax: number | null;
  readonly concurrencyMax: number | null;
  readonly isEnabled: boolean;
  /** Who declares it; null for an operator's own. */
  readonly managedBy: Declarer | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly removedAt: Date | null;
}

/** The columns of a {@link StoredChannel} in the table `channel`, which is called `c`. */
export const STORED_CHANNEL_COLUMNS = `c.id, c.name, c.provider, c.base_url as "baseUrl", c.credential is not null as "hasCredential",
  c.credential_last4 as "credentialLast4", c.callback_secret is not null as "hasCallbackSecret",
  c.allow_private_network as "allowPrivateNetwork", c.priority, c.weight, c.tasks_max as "tasksMax",
  c.concurrency_max as "concurrencyMax", c.enabled as "isEnabled",
  c.managed_by as "managedBy", c.version, c.created_at as "createdAt", c.updated_at as "updatedAt",
  c.removed_at as "removedAt"`;

/** Channels by their ids, also removed ones. */
export async function readStoredChannels(
  session: SqlSession,
  ids: readonly string[],
): Promise<ReadonlyMap<string, StoredChannel>> {
  const rows = await session.query<StoredChannel>(
    `select ${STORED_CHANNEL_COLUMNS} from channel c where c.id = any($1::bigint[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
