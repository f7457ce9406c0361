import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rm, unlink } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubError } from '../common/hub-error.js';
import { bodyTooLarge, checkBodyHeaders, clientClosedRequest } from '../common/read-body.js';
import { boundaryOf, type MultipartPart, MultipartScanner } from './multipart-scanner.js';
import type { ReplayableBody } from './replayable-body.js';
import type { SoundFile } from './sound/sound-file.js';

const FILE_PREFIX = 'ug-ai-hub-upload-';
const RETRY_AFTER_SECONDS = 10;
/** Far longer than any request lives; a younger file may belong to another hub of this machine. */
const STALE_AFTER_MS = 60 * 60 * 1000;

/**
 * A multipart upload, kept in one temporary file so that it can be sent to more than one channel without holding it in
 * memory. The name of the file is the hub's own; nothing the client says becomes a path.
 */
export class SpooledUpload {
  private constructor(
    private readonly path: string,
    private readonly contentType: string,
    private readonly size: number,
    readonly parts: readonly MultipartPart[],
  ) {}

  /**
   * Reads a request to its end.
   * @throws HubError 400, 413, 415, or 503 without space; the file is gone then.
   */
  static async receive(request: IncomingMessage, bytesMax: number): Promise<SpooledUpload> {
    checkBodyHeaders(request, bytesMax);
    const contentType = request.headers['content-type'] ?? '';
    const scanner = new MultipartScanner(boundaryOf(contentType));
    const path = join(tmpdir(), FILE_PREFIX + randomUUID());
    const file = await open(path, 'wx', 0o600);
    try {
      const size = await spool(request, file, scanner, bytesMax);
      await file.close();
      return new SpooledUpload(path, contentType, size, scanner.end());
    } catch (error) {
      request.pause();
      await file.close();
      await rm(path, { force: true });
      throw isDiskFull(error) ? noSpace(error) : error;
    }
  }

  /** Text of a field, or undefined when it is absent. */
  field(name: string): string | undefined {
    return this.parts.find((part) => part.name === name && !part.isFile)?.text;
  }

  /**
   * The bytes of one part.
   * @throws HubError 413 for more than `bytesMax`.
   */
  async read({ name, valueStart, valueEnd }: MultipartPart, bytesMax: number): Promise<Buffer> {
    if (valueEnd - valueStart > bytesMax) throw partTooLarge(name, bytesMax);
    if (valueEnd === valueStart) return Buffer.alloc(0);
    const chunks: Buffer[] = [];
    const stream = createReadStream(this.path, { start: valueStart, end: valueEnd - 1 });
    for await (const bytes of stream) chunks.push(bytes as Buffer);
    return Buffer.concat(chunks);
  }

  /** A part as a file that can be read anywhere. */
  fileOf({ valueStart, valueEnd }: MultipartPart): SoundFile {
    const { path } = this;
    return {
      size: valueEnd - valueStart,
      async read(start, length) {
        const end = Math.min(valueEnd, valueStart + start + length);
        const chunks: Buffer[] = [];
        if (valueStart + start >= end) return Buffer.alloc(0);
        const stream = createReadStream(path, { start: valueStart + start, end: end - 1 });
        for await (const bytes of stream) chunks.push(bytes as Buffer);
        return Buffer.concat(chunks);
      },
    };
  }

  /**
   * The upload with some fields changed and every other byte as it came.
   * @param edits new values by name; `undefined` takes a field out. A field that is not there stays so.
   */
  with(edits: Readonly<Record<string, string | undefined>>): ReplayableBody {
    const cuts: { start: number; end: number; bytes: Buffer }[] = [];
    for (const { name, isFile, start, valueStart, valueEnd } of this.parts) {
      if (isFile || !Object.hasOwn(edits, name)) continue;
      const value = edits[name];
      const from = value === undefined ? Math.max(0, start) : valueStart;
      cuts.push({ start: from, end: valueEnd, bytes: Buffer.from(value ?? '') });
    }
    const { path } = this;
    return {
      contentType: this.contentType,
      contentLength: cuts.reduce((size, { start, end, bytes }) => size - (end - start) + bytes.length, this.size),
      async *open() {
        let from = 0;
        for (const { start, end, bytes } of cuts) {
          if (start > from) yield* createReadStream(path, { start: from, end: start - 1 });
          if (bytes.length > 0) yield bytes;
          from = end;
        }
        yield* createReadStream(path, { start: from });
      },
    };
  }

  /**
   * SHA-256 of what was uploaded, part by part: a client that sends the same once more chooses another boundary.
   * @param route comes first, so that the same upload elsewhere is another request.
   */
  async hash(route: string): Promise<Buffer> {
    const hash = createHash('sha256').update(`${route}\n`);
    for (const { name, isFile, valueStart, valueEnd } of this.parts) {
      hash.update(`${JSON.stringify(name)} ${isFile} ${valueEnd - valueStart}\n`);
      if (valueEnd === valueStart) continue;
      const stream = createReadStream(this.path, { start: valueStart, end: valueEnd - 1 });
      for await (const bytes of stream) hash.update(bytes as Buffer);
    }
    return hash.digest();
  }

  /** Deletes the file, if nothing that tidies the temporary folder has done so. */
  async discard(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/**
 * Removes the uploads that killed processes left in the temporary folder. What cannot be removed, such as another user's
 * file, stays: it is no reason not to start.
 */
export async function sweepStaleUploads(folder: string = tmpdir(), nowMs: number = Date.now()): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((item) => item.startsWith(FILE_PREFIX))) {
    await removeStale(join(folder, name), nowMs).catch(() => undefined);
  }
}

async function removeStale(path: string, nowMs: number): Promise<void> {
  const { mtimeMs } = await lstat(path);
  if (nowMs - mtimeMs > STALE_AFTER_MS) await unlink(path);
}

function isDiskFull(error: unknown): boolean {
  return Error.isError(error) && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

function partTooLarge(name: string, bytesMax: number): HubError {
  return new HubError({
    status: 413,
    code: 'request_too_large',
    message: `The file "${name}" is larger than ${bytesMax} bytes.`,
    param: name,
    shouldRetry: false,
  });
}

function noSpace(cause: unknown): HubError {
  return new HubError({
    status: 503,
    code: 'service_unavailable',
    message: 'There is no space for the upload at the moment. Please try again later.',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    detail: 'The temporary folder is full.',
    headers: { connection: 'close' },
    cause,
  });
}

async function spool(
  request: IncomingMessage,
  file: FileHandle,
  scanner: MultipartScanner,
  bytesMax: number,
): Promise<number> {
  let size = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > bytesMax) throw bodyTooLarge(bytesMax);
      scanner.push(chunk);
      // Unlike `write`, goes on until all of it is written.
      await file.appendFile(chunk);
    }
  } catch (error) {
    if (request.destroyed && !request.complete) throw clientClosedRequest();
    throw error;
  }
  return size;
}
