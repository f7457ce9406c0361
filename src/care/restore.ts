import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncPath } from '../common/sync-path.js';
import type { Settings } from '../config/settings.js';
import { DataDirLock } from '../database/data-dir-lock.js';
import { MIGRATIONS } from '../database/migrations.js';
import { openKeyring } from '../secrets/open-keyring.js';
import { readBooksDigest } from './books-digest.js';
import { CareError } from './care-error.js';
import { compareFigures, type FiguresComparison } from './compare-figures.js';
import { withEmbeddedFiles } from './embedded-files.js';
import { extractArchive } from './extract-archive.js';
import type { Manifest } from './manifest.js';
import { DATA_DIR_PARTS, exists } from './snapshot.js';

const PREFIX = 'restore-';
/** Where a data directory has the results of jobs, unless HUB_MEDIA_DIR says otherwise. */
const RESULTS_FOLDER = 'media';

/** What is restored, and where. */
export interface RestoreOrder {
  /** Absolute path of the archive. */
  readonly file: string;
  readonly dataDir: string;
  /** True: a directory that is in use already is moved aside. */
  readonly mayMoveAside: boolean;
  /** HUB_MASTER_KEY, where it is set. */
  readonly masterKey: Settings['masterKey'];
}

/** A restore that was done. */
export interface RestoreReport {
  readonly manifest: Manifest;
  readonly comparison: FiguresComparison;
  /** Where the directory went that was there before. */
  readonly movedTo: string | undefined;
}

/**
 * Puts a backup in place of the data directory. It is unpacked, checked, opened, compared and brought up to date in a folder
 * inside; only then does it take the place of what is there.
 *
 * @throws CareError when the archive is damaged, newer than this hub, or holds other books than it says, and when the
 * directory is in use; MasterKeyError when the master key does not open it; DataDirInUseError when a hub runs.
 */
export async function restore(order: RestoreOrder): Promise<RestoreReport> {
  const { file, dataDir, mayMoveAside, masterKey } = order;
  const lock = DataDirLock.acquire(dataDir);
  try {
    const isUsed = await isInUse(dataDir);
    if (isUsed && !mayMoveAside) {
      throw new CareError(
        `${dataDir} holds an installation. --force moves it aside, to ${dataDir}.before-<time>, and restores into a new one.`,
      );
    }
    await removeLeftOver(dataDir);
    const folder = await mkdtemp(join(dataDir, PREFIX));
    try {
      const manifest = await extractArchive(file, folder);
      const comparison = await prove(folder, manifest, masterKey);
      const movedTo = isUsed ? await swap(dataDir, folder) : await fill(dataDir, folder);
      return { manifest, comparison, movedTo };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}

/** Opens what was unpacked, compares its books with the manifest, and brings it up to date. */
async function prove(folder: string, manifest: Manifest, masterKey: Settings['masterKey']): Promise<FiguresComparison> {
  const known = new Set(MIGRATIONS.map((migration) => migration.name));
  const unknown = manifest.migrations.find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new CareError(`The archive was made by a newer version of the hub (${manifest.productVersion}): ${unknown}.`);
  }
  return withEmbeddedFiles(folder, async ({ sql, migrate }) => {
    const books = await sql.transaction(readBooksDigest).catch((error: unknown) => {
      throw new CareError(
        `The database in the archive (PostgreSQL ${manifest.postgresVersion}, hub ${manifest.productVersion}) does not open: ` +
          `${(error as Error).message}`,
        { cause: error },
      );
    });
    const comparison = compareFigures(manifest.books, books);
    if (!comparison.isSame) {
      throw new CareError(
        `The books in the archive are not those it was made of: ${comparison.differing.join(', ')}.\n${comparison.table}`,
      );
    }
    await migrate();
    if (masterKey !== undefined || manifest.hasMasterKey) {
      await openKeyring(sql, {
        masterKey,
        database: { url: undefined, dataDir: folder, poolMax: 1, ledgerPoolMax: 2 },
      });
    }
    return comparison;
  });
}

/** Moves what was restored up into a directory that has no installation. The database comes last: without it there is none. */
async function fill(dataDir: string, folder: string): Promise<undefined> {
  for (const part of [...DATA_DIR_PARTS].reverse()) {
    if (await exists(join(folder, part))) await rename(join(folder, part), join(dataDir, part));
  }
  await syncPath(dataDir);
}

/** Moves the directory aside, with what was restored in it, and that into its place. */
async function swap(dataDir: string, folder: string): Promise<string> {
  const aside = `${dataDir}.before-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  try {
    await rename(dataDir, aside);
  } catch (error) {
    throw new CareError(
      `${dataDir} cannot be moved to ${aside}: ${(error as Error).message}. (A directory that is mounted cannot.) Move ` +
        `${DATA_DIR_PARTS.join(', ')} out of it by hand and restore without --force.`,
      { cause: error },
    );
  }
  try {
    await rename(join(aside, folder.slice(dataDir.length)), dataDir);
  } catch (error) {
    await rename(aside, dataDir);
    throw error;
  }
  // Results are in no backup; those of jobs that the restored database knows go on being handed out.
  if (await exists(join(aside, RESULTS_FOLDER))) {
    await rename(join(aside, RESULTS_FOLDER), join(dataDir, RESULTS_FOLDER));
  }
  await syncPath(dirname(dataDir));
  return aside;
}

async function isInUse(dataDir: string): Promise<boolean> {
  const found = await Promise.all(DATA_DIR_PARTS.map((part) => exists(join(dataDir, part))));
  return found.includes(true);
}

/** What a restore that was killed has unpacked: with the directory's lock in hand, nobody else is at it. */
async function removeLeftOver(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (name.startsWith(PREFIX)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
}
