import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMasterKey } from '../config/parse-settings.js';
import { MasterKeyError } from './master-key-error.js';

/**
 * The master key of an installation on the embedded database, in its data directory, readable by its owner only.
 *
 * A rotation writes the new key beside the old one, then the database, then puts the new file in the old one's place: at
 * every moment one of the two files opens what the database holds.
 */
export class MasterKeyFile {
  readonly path: string;
  private readonly nextPath: string;

  constructor(dataDir: string) {
    this.path = join(dataDir, 'master.key');
    this.nextPath = `${this.path}.next`;
  }

  /** @returns undefined when there is no file. */
  read(): Buffer | undefined {
    return readKey(this.path);
  }

  /** The key of a rotation that did not come to its end, or undefined. */
  readNext(): Buffer | undefined {
    return readKey(this.nextPath);
  }

  create(): Buffer {
    const key = randomBytes(32);
    writeKey(this.path, key, 'wx');
    return key;
  }

  writeNext(key: Buffer): void {
    writeKey(this.nextPath, key, 'w');
  }

  promoteNext(): void {
    renameSync(this.nextPath, this.path);
  }

  dropNext(): void {
    rmSync(this.nextPath, { force: true });
  }
}

function readKey(path: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const key = decodeMasterKey(text.trim());
  if (!key) throw new MasterKeyError(`${path} does not hold a master key (32 bytes in base64)`);
  return key;
}

function writeKey(path: string, key: Buffer, flag: 'w' | 'wx'): void {
  const file = openSync(path, flag, 0o600);
  try {
    writeSync(file, `${key.toString('base64')}\n`);
    // The database will soon hold what only this key opens.
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
