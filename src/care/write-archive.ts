import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { syncPath } from '../common/sync-path.js';
import { CareError } from './care-error.js';
import { type ArchivePart, formatManifest, MANIFEST_NAME, type Manifest } from './manifest.js';
import { exists } from './snapshot.js';
import { TAR_BLOCK_BYTES, tarPadding, writeTarHeader } from './tar-header.js';

/** What goes into an archive. */
export interface ArchiveContents {
  /** A folder whose files nobody changes. */
  readonly folder: string;
  /** Files and folders in it that are taken along, with all they hold. */
  readonly names: readonly string[];
  readonly manifest: Omit<Manifest, 'parts'>;
}

/**
 * Writes a gzip-compressed tar file, readable by its owner only. It appears under its name when it is complete and on the
 * disk; what goes wrong before leaves nothing.
 *
 * @returns its size in bytes.
 * @throws CareError when there is such a file already and `mayReplace` is false.
 */
export async function writeArchive(file: string, contents: ArchiveContents, mayReplace: boolean): Promise<number> {
  const partial = join(dirname(file), `.${basename(file)}.${randomBytes(4).toString('hex')}.partial`);
  try {
    const target = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true });
    await pipeline(Readable.from(tarOf(contents)), createGzip(), target);
    if (!mayReplace) await requireFree(file);
    await rename(partial, file);
    await syncPath(dirname(file));
    return (await stat(file)).size;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** @throws CareError when there is something of that name. */
export async function requireFree(file: string): Promise<void> {
  if (await exists(file)) throw new CareError(`${file} exists; --force replaces it.`);
}

async function* tarOf({ folder, names, manifest }: ArchiveContents): AsyncGenerator<Buffer> {
  const at = new Date(manifest.createdAt);
  const parts: ArchivePart[] = [];
  for await (const path of walk(folder, names)) {
    const name = relative(folder, path).replaceAll(sep, '/');
    const { size, isFolder } = await stat(path).then((found) => ({ size: found.size, isFolder: found.isDirectory() }));
    yield writeTarHeader({ name, kind: isFolder ? 'folder' : 'file', bytes: isFolder ? 0 : size }, at);
    if (isFolder) continue;
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
    if (bytes !== size) throw new Error(`${name} changed while it was read`);
    yield Buffer.alloc(tarPadding(bytes));
    parts.push({ name, bytes, sha256: hash.digest('hex') });
  }
  const text = Buffer.from(formatManifest({ ...manifest, parts }));
  yield writeTarHeader({ name: MANIFEST_NAME, kind: 'file', bytes: text.length }, at);
  yield text;
  yield Buffer.alloc(tarPadding(text.length) + 2 * TAR_BLOCK_BYTES);
}

/** Every folder before what it holds. PostgreSQL does not start without its empty folders. */
async function* walk(folder: string, names: readonly string[]): AsyncGenerator<string> {
  for (const name of [...names].sort()) {
    const path = join(folder, name);
    yield path;
    if ((await stat(path)).isDirectory()) yield* walk(path, await readdir(path));
  }
}
