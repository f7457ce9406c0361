import { constants } from 'node:fs';
import { copyFile, cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataDirLock } from '../database/data-dir-lock.js';
import type { Sql } from '../database/sql.js';
import { CareError } from './care-error.js';

const PREFIX = 'snapshot-';
/** A snapshot that nobody has locked is left over, once it is too old to be just being made. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/** Where the data directory has the files of the embedded database. */
export const DATABASE_FOLDER = 'pg';
/** Where the data directory has the master key. */
export const KEY_FILE = 'master.key';
/**
 * The key of a rotation that is under way comes first: read the other way round, the new one would be missed when it takes
 * the place of the old one in between.
 */
const KEY_FILES = [`${KEY_FILE}.next`, KEY_FILE];
/** What makes a data directory one that is in use. */
export const DATA_DIR_PARTS: readonly string[] = [DATABASE_FOLDER, ...KEY_FILES];

/**
 * Copies the files of the embedded database of this process, as of one moment, into a folder of the data directory.
 * Statements wait while it is copied; the event loop does not.
 *
 * @returns the folder, laid out like a data directory. Whoever gets it removes it.
 */
export async function snapshotOpenDatabase(sql: Sql, dataDir: string): Promise<string> {
  await removeAbandonedSnapshots(dataDir);
  // The one connection is ours until this ends, and nothing else writes these files: no process of the database's own
  // exists. The checkpoint spares whoever opens the copy the replay of the log.
  return sql.transaction(async (session) => {
    await session.query('checkpoint');
    return copyParts(dataDir);
  });
}

/** As {@link snapshotOpenDatabase}, for a database that nobody has open: the caller holds the directory's lock. */
export async function snapshotClosedDatabase(dataDir: string): Promise<string> {
  await removeAbandonedSnapshots(dataDir);
  return copyParts(dataDir);
}

/**
 * Works on a snapshot under its lock, and removes it afterwards.
 *
 * @param folder what one of the two functions above returned.
 */
export async function useSnapshot<Result>(folder: string, use: (folder: string) => Promise<Result>): Promise<Result> {
  const lock = DataDirLock.acquire(folder);
  try {
    return await use(folder);
  } finally {
    lock.release();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws CareError when there is no embedded database to work on. */
export async function requireDatabase(dataDir: string): Promise<void> {
  if (!(await exists(join(dataDir, DATABASE_FOLDER))))
    throw new CareError(`There is no embedded database in ${dataDir}.`);
}

/** True when there is something of that name. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function copyParts(dataDir: string): Promise<string> {
  const folder = await mkdtemp(join(dataDir, PREFIX));
  try {
    for (const file of KEY_FILES) await copyFile(join(dataDir, file), join(folder, file)).catch(ignoreMissing);
    // Where the file system can share blocks between files, this takes no time and no room.
    await cp(join(dataDir, DATABASE_FOLDER), join(folder, DATABASE_FOLDER), {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/** A backup that was killed leaves its snapshot; its lock went with it. */
async function removeAbandonedSnapshots(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(dataDir, name);
    if (Date.now() - (await stat(folder)).mtimeMs < ABANDONED_AFTER_MS) continue;
    try {
      DataDirLock.acquire(folder).release();
    } catch {
      continue;
    }
    await rm(folder, { recursive: true, force: true });
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
