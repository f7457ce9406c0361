import { ProviderError } from '../canonical/provider-error.js';

/** How many unread bytes of one response are kept before the upstream is told to wait. */
const BUFFER_BYTES_MAX = 64 * 1024;

/** What the body needs from the connection it comes from. */
export interface BodySource {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
  /** Content has come. @param idleMs how long a silence may last from now on; undefined leaves that as it is. */
  noteContent(idleMs: number | undefined): void;
}

interface Waiter {
  readonly resolve: (chunk: Uint8Array | undefined) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The bytes of one upstream response, read one chunk at a time by one reader. When the reader is slow the upstream is
 * paused, so that memory stays bounded whatever the two sides do.
 */
export class UpstreamBody {
  private readonly queue: Uint8Array[] = [];
  private queuedBytes = 0;
  private isPaused = false;
  private isEnded = false;
  private error: ProviderError | undefined;
  private waiter: Waiter | undefined;

  constructor(private readonly source: BodySource) {}

  /** The next chunk, or `undefined` at the end. Throws ProviderError when the connection breaks. */
  next(): Promise<Uint8Array | undefined> {
    const chunk = this.queue.shift();
    if (chunk !== undefined) {
      this.queuedBytes -= chunk.length;
      if (this.isPaused && this.queuedBytes < BUFFER_BYTES_MAX / 2) {
        this.isPaused = false;
        this.source.resume();
      }
      return Promise.resolve(chunk);
    }
    if (this.error !== undefined) return Promise.reject(this.error);
    if (this.isEnded) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.waiter = { resolve, reject };
    });
  }

  /**
   * Reads the rest of the body.
   * @param bytesMax above this the response is aborted and ProviderError `invalid_response` is thrown.
   */
  async collect(bytesMax: number): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for (;;) {
      const chunk = await this.next();
      if (chunk === undefined) break;
      size += chunk.length;
      if (size > bytesMax) {
        const error = new ProviderError({
          kind: 'invalid_response',
          message: `The upstream sent more than ${bytesMax} bytes.`,
        });
        this.abort(error);
        throw error;
      }
      chunks.push(chunk);
    }
    const only = chunks[0];
    if (chunks.length === 1 && only !== undefined) return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
    return Buffer.concat(chunks, size);
  }

  /** Gives up: the connection is closed and nothing more is read. */
  abort(reason: Error): void {
    if (this.isEnded) return;
    this.source.abort(reason);
  }

  /**
   * The reader has found content, which only it can tell from pings: the deadline for the first is met.
   * @param idleMs how long a silence may last from now on, in milliseconds; undefined leaves that as it is.
   */
  noteContent(idleMs?: number): void {
    this.source.noteContent(idleMs);
  }

  /** True once the last byte has arrived or the connection has failed. */
  get isOver(): boolean {
    return this.isEnded || this.error !== undefined;
  }

  /** Called by the transport with each chunk. */
  push(chunk: Uint8Array): void {
    const waiter = this.waiter;
    if (waiter !== undefined) {
      this.waiter = undefined;
      waiter.resolve(chunk);
      return;
    }
    this.queue.push(chunk);
    this.queuedBytes += chunk.length;
    if (this.queuedBytes > BUFFER_BYTES_MAX && !this.isPaused) {
      this.isPaused = true;
      this.source.pause();
    }
  }

  /** Called by the transport at the end. */
  end(): void {
    this.isEnded = true;
    this.waiter?.resolve(undefined);
    this.waiter = undefined;
  }

  /** Called by the transport when the connection breaks. */
  fail(error: ProviderError): void {
    if (this.isEnded || this.error !== undefined) return;
    this.error = error;
    // Nothing is left to resume, and resuming would start the clock of a connection that is gone.
    this.isPaused = false;
    this.waiter?.reject(error);
    this.waiter = undefined;
  }
}
