import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, lstat, open, readdir, unlink } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bodyTooLarge, checkBodyHeaders, clientClosedRequest } from '../common/read-body.js';
import { boundaryOf, type MultipartPart, MultipartScanner } from './multipart-scanner.js';
import type { ReplayableBody } from './upstream-sender.js';

const FILE_PREFIX = 'ug-ai-hub-upload-';
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
   * @throws HubError 400, 413 or 415; the file is gone then.
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
      await unlink(path);
      throw error;
    }
  }

  /** Text of a field, or undefined when it is absent. */
  field(name: string): string | undefined {
    return this.parts.find((part) => part.name === name && !part.isFile)?.text;
  }

  /** The upload with one field's value replaced and every other byte as it came. */
  withField(name: string, value: string): ReplayableBody {
    const part = this.parts.find((item) => item.name === name && !item.isFile);
    if (part === undefined) throw new Error(`The upload has no field "${name}".`);
    const bytes = Buffer.from(value);
    const { path, size } = this;
    return {
      contentType: this.contentType,
      contentLength: size - (part.valueEnd - part.valueStart) + bytes.length,
      async *open() {
        yield* createReadStream(path, { end: part.valueStart - 1 });
        if (bytes.length > 0) yield bytes;
        yield* createReadStream(path, { start: part.valueEnd });
      },
    };
  }

  /** Deletes the file. */
  async discard(): Promise<void> {
    await unlink(this.path);
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
