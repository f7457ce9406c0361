import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, open, readdir, rename, rm, rmdir, stat, statfs, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncPath } from '../../common/sync-path.js';
import { MEDIA_KEY, MediaStorage, type NewMediaFile } from './media-storage.js';

const PARTIAL_FOLDER = '.partial';
/** A file that is being written grows at least once a minute; other instances may share the folder. */
const PARTIAL_STALE_MS = 60 * 60_000;
const READ_BYTES = 256 * 1024;
/** A job has few files, each of which is deleted once. */
const PLACE_TRIES_MAX = 100;

/** Free room of the file system that a folder is on, as `statfs` of node:fs tells it. */
export type StatFs = (folder: string) => Promise<{ readonly bavail: number; readonly bsize: number }>;

/** Files in a folder of this machine, one folder in it for each job. */
export class LocalStorage extends MediaStorage {
  private opening: Promise<string> | undefined;

  /**
   * @param dir absolute; a URL such as `memory://` means a temporary folder that goes with the process.
   * @param measure what tests replace.
   */
  constructor(
    private readonly dir: string,
    private readonly measure: StatFs = statfs,
  ) {
    super();
  }

  override async put({ key, bytes, signal }: NewMediaFile): Promise<void> {
    const path = await this.pathOf(key);
    const partial = join(await this.folder(), PARTIAL_FOLDER, randomUUID());
    try {
      const file = await open(partial, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      if (signal.aborted) throw signal.reason;
      await this.place(partial, path);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  override async read(key: string, first: number, last: number): Promise<Readable | undefined> {
    const file = await open(await this.pathOf(key), 'r').catch(ignoreMissing);
    if (file === undefined) return undefined;
    try {
      if ((await file.stat()).size > last) {
        return file.createReadStream({ start: first, end: last, highWaterMark: READ_BYTES });
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return undefined;
  }

  override async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const path = await this.pathOf(key);
      await unlink(path).catch(ignoreMissing);
      await rmdir(dirname(path)).catch(ignoreInUse);
    }
  }

  override async *list(before: Date): AsyncGenerator<string> {
    const root = await this.existing();
    if (root === undefined) return;
    for (const job of await readdir(root)) {
      for (const name of await readdir(join(root, job)).catch(ignoreOthers)) {
        const key = `${job}/${name}`;
        if (!MEDIA_KEY.test(key)) continue;
        const found = await stat(join(root, job, name)).catch(ignoreMissing);
        if (found !== undefined && found.mtimeMs < before.getTime()) yield key;
      }
    }
  }

  override async freeBytes(): Promise<number> {
    const { bavail, bsize } = await this.measure(await this.folder());
    return bavail * bsize;
  }

  override async tidy(): Promise<void> {
    const root = await this.existing();
    if (root === undefined) return;
    const partials = join(root, PARTIAL_FOLDER);
    for (const name of await readdir(partials)) {
      const path = join(partials, name);
      const found = await stat(path).catch(ignoreMissing);
      if (found !== undefined && Date.now() - found.mtimeMs > PARTIAL_STALE_MS) await rm(path, { force: true });
    }
  }

  override async close(): Promise<void> {
    const folder = this.isTemporary ? await this.opening : undefined;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  private get isTemporary(): boolean {
    return this.dir.includes('://');
  }

  private async pathOf(key: string): Promise<string> {
    if (!MEDIA_KEY.test(key)) throw new TypeError(`Not the name of a result: ${key}`);
    return join(await this.folder(), key);
  }

  /** Made when it is first needed: a hub that makes no videos needs none. */
  private folder(): Promise<string> {
    this.opening ??= this.open().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  /** The folder, if anything has ever been stored there. */
  private async existing(): Promise<string | undefined> {
    if (this.opening === undefined) {
      const hasFolder =
        !this.isTemporary && (await stat(join(this.dir, PARTIAL_FOLDER)).catch(ignoreMissing)) !== undefined;
      if (!hasFolder) return undefined;
    }
    return await this.folder();
  }

  private async open(): Promise<string> {
    const folder = this.isTemporary ? await mkdtemp(join(tmpdir(), 'ug-ai-hub-media-')) : this.dir;
    await mkdir(join(folder, PARTIAL_FOLDER), { recursive: true, mode: 0o700 });
    return folder;
  }

  private async place(partial: string, path: string): Promise<void> {
    const folder = dirname(path);
    for (let tries = 1; ; tries++) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      try {
        await rename(partial, path);
        break;
      } catch (error) {
        // Whoever deletes the last file of the job in between takes its folder along.
        if (!hasCode(error, 'ENOENT') || tries === PLACE_TRIES_MAX) throw error;
      }
    }
    await syncPath(folder);
    await syncPath(dirname(folder));
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return Error.isError(error) && 'code' in error && codes.includes(String(error.code));
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
}

function ignoreInUse(error: unknown): void {
  if (!hasCode(error, 'ENOENT', 'ENOTEMPTY', 'EEXIST')) throw error;
}

/** Of files that lie where folders of jobs do. */
function ignoreOthers(error: unknown): string[] {
  if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  return [];
}
