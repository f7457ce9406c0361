import type { JobKind } from '../jobs/job.js';
import { MediaError } from './media-error.js';
import type { OpenedMedia } from './media-source.js';
import { isText, MEDIA_HEAD_BYTES, type MediaType, mediaTypeOf } from './media-type.js';

/** A result on its way whose type is known, and whose size is watched while it is read. */
export class CheckedMedia {
  private read = 0;
  private failure: Error | undefined;

  private constructor(
    readonly type: MediaType,
    private readonly head: Buffer,
    private readonly source: OpenedMedia,
    private readonly bytesMax: number,
  ) {}

  /**
   * Looks at the first bytes.
   *
   * @throws MediaError `wrong_type`, `too_large`, or what the source throws.
   */
  static async inspect(source: OpenedMedia, kind: JobKind, bytesMax: number): Promise<CheckedMedia> {
    if (source.bytes !== undefined && source.bytes > bytesMax) throw tooLarge(bytesMax);
    const chunks: Uint8Array[] = [];
    for (let size = 0; size < MEDIA_HEAD_BYTES; ) {
      const chunk = await source.next();
      if (chunk === undefined) break;
      chunks.push(chunk);
      size += chunk.length;
    }
    const head = Buffer.concat(chunks);
    if (head.length === 0) throw new MediaError('unreachable', true, 'It is empty.');
    const start = head.subarray(0, MEDIA_HEAD_BYTES);
    const type = mediaTypeOf(start, kind);
    if (type !== undefined) return new CheckedMedia(type, head, source, bytesMax);
    // A page that a server shows in place of the file, such as while it is repaired, may go away.
    const isPage = isText(start);
    throw new MediaError('wrong_type', isPage, `It is no ${kind}${isPage ? ', but text' : ''}.`);
  }

  /** Bytes read so far. */
  get size(): number {
    return this.read;
  }

  /** What was wrong with the source, also when the reader of {@link bytes} put it into other words. */
  get error(): Error | undefined {
    return this.failure;
  }

  /** All of it, once. Throws MediaError when it is too large, breaks off, or is shorter than was announced. */
  async *bytes(): AsyncGenerator<Uint8Array> {
    try {
      for (let chunk: Uint8Array | undefined = this.head; chunk !== undefined; chunk = await this.source.next()) {
        this.read += chunk.length;
        if (this.read > this.bytesMax) throw tooLarge(this.bytesMax);
        yield chunk;
      }
      const { bytes: announced } = this.source;
      if (announced !== undefined && announced !== this.read) {
        throw new MediaError('unreachable', true, `It has ${this.read} bytes where ${announced} were announced.`);
      }
    } catch (error) {
      this.failure = Error.isError(error) ? error : new Error('Unknown failure', { cause: error });
      throw error;
    }
  }
}

function tooLarge(bytesMax: number): MediaError {
  return new MediaError('too_large', false, `It is larger than ${bytesMax} bytes.`);
}
