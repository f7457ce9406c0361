import { join } from 'node:path';
import type { Settings } from '../config/settings.js';
import type { Sql } from '../database/sql.js';
import { openKeyring } from '../secrets/open-keyring.js';
import { type BooksFigure, readBooksDigest } from './books-digest.js';
import { withEmbeddedFiles } from './embedded-files.js';
import { DATABASE_FOLDER, exists, KEY_FILE, useSnapshot } from './snapshot.js';
import { readMigrations } from './stored-tables.js';
import { requireFree, writeArchive } from './write-archive.js';

/** What a backup is made of. */
export interface BackupOrder {
  /** Absolute path of the archive. */
  readonly file: string;
  readonly mayReplace: boolean;
  /** HUB_MASTER_KEY, where it is set. */
  readonly masterKey: Settings['masterKey'];
  readonly productVersion: string;
  /** Makes a snapshot of the data directory and returns its folder, which is removed afterwards. */
  snapshot(): Promise<string>;
}

/** A backup that was made. */
export interface BackupReport {
  readonly bytes: number;
  readonly books: readonly BooksFigure[];
  /** Where the master key is that opens it: in the archive, in HUB_MASTER_KEY, or nowhere that is known here. */
  readonly masterKey: 'archive' | 'setting' | 'unknown';
}

/**
 * Makes an archive of the embedded database and its key file. The snapshot is opened before it is packed: what does not open,
 * or not with the master key, is no backup.
 *
 * @throws CareError when the file exists; MasterKeyError when HUB_MASTER_KEY or the key file is not the database's.
 */
export async function backUp({
  file,
  mayReplace,
  masterKey,
  productVersion,
  snapshot,
}: BackupOrder): Promise<BackupReport> {
  if (!mayReplace) await requireFree(file);
  return useSnapshot(await snapshot(), async (folder) => {
    const createdAt = new Date().toISOString();
    const facts = await withEmbeddedFiles(folder, ({ sql }) => inspect(sql, folder, masterKey));
    const hasMasterKey = facts.masterKey === 'archive';
    const names = hasMasterKey ? [DATABASE_FOLDER, KEY_FILE] : [DATABASE_FOLDER];
    const { postgresVersion, migrations, books } = facts;
    const manifest = { productVersion, createdAt, postgresVersion, migrations, hasMasterKey, books };
    const bytes = await writeArchive(file, { folder, names, manifest }, mayReplace);
    return { bytes, books, masterKey: facts.masterKey };
  });
}

async function inspect(sql: Sql, folder: string, masterKey: Settings['masterKey']) {
  const facts = await sql.transaction(async (session) => {
    const [version] = await session.query<{ server_version: string }>('show server_version');
    return {
      postgresVersion: version?.server_version ?? '',
      migrations: await readMigrations(session),
      books: await readBooksDigest(session),
    };
  });
  const hasKeyFile = masterKey === undefined && (await exists(join(folder, KEY_FILE)));
  if (masterKey === undefined && !hasKeyFile) return { ...facts, masterKey: 'unknown' as const };
  // In the snapshot this also ends a rotation of the master key that was under way.
  await openKeyring(sql, { masterKey, database: { url: undefined, dataDir: folder, poolMax: 1, ledgerPoolMax: 2 } });
  return { ...facts, masterKey: hasKeyFile ? ('archive' as const) : ('setting' as const) };
}
