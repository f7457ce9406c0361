import { randomBytes } from 'node:crypto';
import { MEMORY_DATA_DIR } from '../config/parse-settings.js';
import type { Settings } from '../config/settings.js';
import type { Keyring } from './keyring.js';
import { MasterKeyFile } from './master-key-file.js';

/** What the operator has to do after a rotation. */
export interface MasterKeyRotation {
  /** How many data keys were wrapped again. */
  readonly rewrapped: number;
  /** `environment`: HUB_MASTER_KEY must be set to the new key before the next start. `file`: the key file is replaced. */
  readonly keptIn: 'environment' | 'file';
}

/**
 * Puts every data key under a new master key.
 *
 * @param newKey the next HUB_MASTER_KEY; without one, an installation with a key file gets a new file.
 * @throws Error when there is neither a new key nor a key file.
 */
export async function rotateMasterKey(
  keyring: Keyring,
  settings: Pick<Settings, 'masterKey' | 'database'>,
  newKey: Buffer | undefined,
): Promise<MasterKeyRotation> {
  if (newKey) return { rewrapped: await keyring.rewrap(newKey), keptIn: 'environment' };
  if (settings.masterKey || settings.database.url !== undefined || settings.database.dataDir === MEMORY_DATA_DIR) {
    throw new Error('HUB_MASTER_KEY_NEW must be set: there is no key file to replace');
  }
  const file = new MasterKeyFile(settings.database.dataDir);
  const fresh = randomBytes(32);
  file.writeNext(fresh);
  const rewrapped = await keyring.rewrap(fresh);
  file.promoteNext();
  return { rewrapped, keptIn: 'file' };
}
