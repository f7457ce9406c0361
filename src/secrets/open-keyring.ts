import { randomBytes } from 'node:crypto';
import { MEMORY_DATA_DIR } from '../config/parse-settings.js';
import type { Settings } from '../config/settings.js';
import type { Sql } from '../database/sql.js';
import { Keyring } from './keyring.js';
import { MasterKeyError } from './master-key-error.js';
import { MasterKeyFile } from './master-key-file.js';

/**
 * Opens the keyring with HUB_MASTER_KEY, else with the key file of the embedded database, made on its first start.
 *
 * @throws MasterKeyError when the key is missing or not the right one.
 */
export async function openKeyring(sql: Sql, settings: Pick<Settings, 'masterKey' | 'database'>): Promise<Keyring> {
  if (settings.masterKey) return Keyring.open(sql, settings.masterKey);
  const { dataDir } = settings.database;
  if (dataDir === MEMORY_DATA_DIR) return Keyring.open(sql, randomBytes(32));
  const file = new MasterKeyFile(dataDir);
  return (await finishRotation(sql, file)) ?? Keyring.open(sql, file.read() ?? (await createKey(sql, file)));
}

/** A rotation was cut off: whichever of the two keys opens the database is the key. */
async function finishRotation(sql: Sql, file: MasterKeyFile): Promise<Keyring | undefined> {
  const next = file.readNext();
  if (!next) return undefined;
  try {
    const keyring = await Keyring.open(sql, next);
    file.promoteNext();
    return keyring;
  } catch (error) {
    if (!(error instanceof MasterKeyError)) throw error;
    file.dropNext();
    return undefined;
  }
}

/** A new key would not open what is there: made only while there is nothing. */
async function createKey(sql: Sql, file: MasterKeyFile): Promise<Buffer> {
  const stored = await sql.query('select id from secret_key limit 1');
  if (stored.length === 0) return file.create();
  throw new MasterKeyError(
    `The key file ${file.path} is missing. Restore it, or set HUB_MASTER_KEY to the key this database was made with.`,
  );
}
