import type { Readable } from 'node:stream';
import type { CancelSignal } from '../../common/cancellation.js';

/** A file to store. */
export interface NewMediaFile {
  readonly key: string;
  readonly contentType: string;
  /** Read once, to its end; when it throws, nothing is stored. */
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly signal: CancelSignal;
}

/** Names of files: id of the job, place, extension. All are the hub's own; nothing a client or an upstream says is in them. */
export const MEDIA_KEY = /^([0-9a-f]{32})\/(0|[1-9]\d{0,3})\.[a-z0-9]{2,4}$/;

/** Where results are kept. Also the injection token. */
export abstract class MediaStorage {
  /** Stores a file, in place of one of the same name. It is there when this resolves, power cuts included, and not before. */
  abstract put(file: NewMediaFile): Promise<void>;

  /**
   * Opens some bytes of a file, both ends included.
   *
   * @returns undefined when there is no such file, or it has not so many bytes. Whoever gets a stream reads or destroys it.
   */
  abstract read(key: string, first: number, last: number): Promise<Readable | undefined>;

  /** Deletes files; those that are not there count as deleted. */
  abstract remove(keys: readonly string[]): Promise<void>;

  /** Names of the hub's files that were last written before a moment. */
  abstract list(before: Date): AsyncIterable<string>;

  /** Bytes that can still be stored; undefined where there is no telling. Throws when nothing can be stored. */
  abstract freeBytes(): Promise<number | undefined>;

  /** Removes what killed processes have left unfinished. */
  abstract tidy(): Promise<void>;

  /** Ends; what is not to outlive the process is removed. */
  abstract close(): Promise<void>;
}
