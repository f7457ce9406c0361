import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { syncPath } from '../common/sync-path.js';
import { ByteReader } from './byte-reader.js';
import { CareError } from './care-error.js';
import { type ArchivePart, MANIFEST_NAME, type Manifest, parseManifest } from './manifest.js';
import { readTarHeader, TAR_BLOCK_BYTES, type TarEntry, tarPadding } from './tar-header.js';

/** Far above what any hub writes; a damaged length must not fill the memory. */
const MANIFEST_BYTES_MAX = 64 * 1024 * 1024;
const SYNCED_AT_ONCE = 32;
const CUT_OFF = 'The archive is cut off: its end is missing.';

/**
 * Unpacks an archive into an empty folder and compares every file with the manifest.
 *
 * @throws CareError when it is not a backup, or cut off, or changed in any byte. The folder is then of no use.
 */
export async function extractArchive(file: string, folder: string): Promise<Manifest> {
  const source = createReadStream(file);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  try {
    return await extract(new ByteReader(source.pipe(gunzip)), folder);
  } catch (error) {
    throw toCareError(file, error);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function extract(reader: ByteReader, folder: string): Promise<Manifest> {
  const found: ArchivePart[] = [];
  for (;;) {
    const block = await reader.read(TAR_BLOCK_BYTES);
    if (block.length < TAR_BLOCK_BYTES) throw new CareError(CUT_OFF);
    const entry = readTarHeader(block);
    if (entry === undefined) throw new CareError('The archive is damaged: it has no manifest.');
    if (entry.name === MANIFEST_NAME) {
      const manifest = parseManifest(await readText(reader, entry));
      // The checksum of the compression covers all of it, and is at the very end.
      await reader.drain();
      requireSame(manifest.parts, found);
      await syncFiles(found.map(({ name }) => join(folder, name)));
      return manifest;
    }
    requireInside(entry.name);
    if (entry.kind === 'folder') await mkdir(join(folder, entry.name), { mode: 0o700 });
    else found.push(await extractFile(reader, entry, join(folder, entry.name)));
  }
}

async function extractFile(reader: ByteReader, { name, bytes }: TarEntry, path: string): Promise<ArchivePart> {
  const hash = createHash('sha256');
  let written = 0;
  const target = await open(path, 'wx', 0o600);
  try {
    for await (const piece of reader.take(bytes)) {
      hash.update(piece);
      await target.writeFile(piece);
      written += piece.length;
    }
  } finally {
    await target.close();
  }
  await reader.read(tarPadding(bytes));
  if (written < bytes) throw new CareError(CUT_OFF);
  return { name, bytes, sha256: hash.digest('hex') };
}

/**
 * What the archive is to take the place of may be moved away soon: by then it must be on the disk. At the end and side by
 * side, because a file system writes what is waiting in one go.
 */
async function syncFiles(paths: readonly string[]): Promise<void> {
  for (let i = 0; i < paths.length; i += SYNCED_AT_ONCE) {
    await Promise.all(paths.slice(i, i + SYNCED_AT_ONCE).map(syncPath));
  }
}

async function readText(reader: ByteReader, { bytes }: TarEntry): Promise<string> {
  if (bytes > MANIFEST_BYTES_MAX) throw new CareError('The archive is damaged: its manifest has no sensible length.');
  const text = await reader.read(bytes);
  if (text.length < bytes) throw new CareError(CUT_OFF);
  return text.toString('utf8');
}

/** A name that leads out of the folder is not one of ours. */
function requireInside(name: string): void {
  const isOurs = /^[\w.-]+(\/[\w.-]+)*$/.test(name) && !name.split('/').some((step) => step === '.' || step === '..');
  if (!isOurs) throw new CareError(`The archive is damaged: it holds ${JSON.stringify(name)}.`);
}

function requireSame(expected: readonly ArchivePart[], found: readonly ArchivePart[]): void {
  const parts = new Map(found.map((part) => [part.name, part]));
  for (const { name, bytes, sha256 } of expected) {
    const part = parts.get(name);
    if (part?.bytes !== bytes || part.sha256 !== sha256) {
      throw new CareError(`The archive is damaged: ${name} is not what the manifest says.`);
    }
    parts.delete(name);
  }
  const [stray] = parts.keys();
  if (stray !== undefined) throw new CareError(`The archive is damaged: the manifest does not know ${stray}.`);
}

function toCareError(file: string, error: unknown): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  // https://nodejs.org/api/zlib.html: Z_BUF_ERROR is an unexpected end.
  if (code === 'Z_BUF_ERROR') return new CareError(CUT_OFF, { cause: error });
  if (code.startsWith('Z_')) return new CareError(`${file} is damaged, or not an archive.`, { cause: error });
  if (['ENOENT', 'EACCES', 'EISDIR'].includes(code)) {
    return new CareError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return error;
}
