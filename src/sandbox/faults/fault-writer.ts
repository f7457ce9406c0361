import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { goneSignal, write } from '../send-reply.js';
import type { Directive } from './directive.js';
import type { RecordedRequest } from './recorded-request.js';

// What was written before a reset is lost to a reader that has not read it yet; this lets it arrive first.
const FLUSH_MS = 20;
const BLOCK_BYTES = 64 * 1024;

/** Writes a body as the directive says: in pieces, compressed, broken off. */
export class FaultWriter {
  readonly gone: AbortSignal;
  private readonly held: Buffer[] = [];
  private readonly isCompressed: boolean;

  constructor(
    private readonly response: ServerResponse,
    private readonly directive: Directive,
    private readonly record: RecordedRequest,
  ) {
    this.gone = goneSignal(response);
    this.isCompressed = directive.gzip === true || directive.br === true;
  }

  /** Writes bytes, in pieces of `split`, waiting for a slow reader. A compressed body is held until the end. */
  async write(bytes: Uint8Array | string): Promise<void> {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes);
    if (this.isCompressed) this.held.push(buffer);
    else await this.writeSplit(buffer);
  }

  /** Writes `byteCount` bytes of filler in blocks, never holding more than one. */
  async writeFiller(byteCount: number, filler = 'x'): Promise<void> {
    const block = Buffer.alloc(BLOCK_BYTES, filler);
    for (let left = byteCount; left > 0 && !this.gone.aborted; left -= BLOCK_BYTES) {
      await write(this.response, left >= BLOCK_BYTES ? block : block.subarray(0, left), this.gone);
      // A fast local reader never fills the buffer; without this the loop would starve everything else.
      await nextTurn();
    }
  }

  /** Ends the body. */
  async end(): Promise<void> {
    if (this.isCompressed) {
      const body = Buffer.concat(this.held);
      await this.writeSplit(this.directive.br === true ? brotliCompressSync(body) : gzipSync(body));
    }
    if (!this.gone.aborted) this.response.end();
  }

  /** Breaks the body off. */
  async cut(): Promise<void> {
    if (this.gone.aborted) return;
    const { socket } = this.response;
    this.record.wasCut = true;
    if (this.directive.cut === 'end' || socket === null) {
      this.response.end();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
    if (this.directive.cut === 'fin') socket.destroySoon();
    else socket.resetAndDestroy();
  }

  /** Waits until the client leaves. */
  async stall(): Promise<void> {
    if (this.gone.aborted) return;
    await new Promise<void>((resolve) => this.gone.addEventListener('abort', () => resolve(), { once: true }));
  }

  private async writeSplit(buffer: Buffer): Promise<void> {
    const size = this.directive.split ?? buffer.length;
    for (let start = 0; start < buffer.length && !this.gone.aborted; start += size) {
      await write(this.response, buffer.subarray(start, start + size), this.gone);
      // Otherwise the pieces of one turn would leave in one segment.
      if (this.directive.split !== undefined) await nextTurn();
    }
  }
}
