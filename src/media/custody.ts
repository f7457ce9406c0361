import { Inject, Injectable } from '@nestjs/common';
import type { CancelSignal } from '../common/cancellation.js';
import { SETTINGS } from '../config/config.module.js';
import type { Settings } from '../config/settings.js';
import type { JobKind, JobOutput } from '../jobs/job.js';
import { CheckedMedia } from './checked-media.js';
import { MediaError } from './media-error.js';
import { MediaFetcher } from './media-fetcher.js';
import { MediaRoom } from './media-room.js';
import type { MediaSource } from './media-source.js';
import { ResultLinks } from './result-links.js';
import { MediaStorage } from './storage/media-storage.js';

/** A result in our storage. */
export interface KeptFile {
  readonly storageKey: string;
  /** Told by its first bytes. */
  readonly contentType: string;
  readonly bytes: number;
}

/** Keeps the results of jobs: copied to the hub's storage, handed out by links of its own. */
@Injectable()
export class Custody {
  constructor(
    @Inject(SETTINGS) private readonly settings: Settings,
    @Inject(MediaStorage) private readonly storage: MediaStorage,
    @Inject(MediaFetcher) private readonly fetcher: MediaFetcher,
    @Inject(MediaRoom) private readonly room: MediaRoom,
    @Inject(ResultLinks) private readonly links: ResultLinks,
  ) {}

  /**
   * Copies one result into our storage. Safe to repeat: the same job and place overwrite.
   *
   * @param jobId 32 hex digits.
   * @throws MediaError; the reason of `signal` once it has said stop. Nothing is kept then.
   */
  async keep(
    jobId: string,
    place: number,
    kind: JobKind,
    source: MediaSource,
    signal: CancelSignal,
  ): Promise<KeptFile> {
    await this.room.requireForResult();
    let checked: CheckedMedia | undefined;
    try {
      const opened = await this.fetcher.open(source, signal);
      try {
        checked = await CheckedMedia.inspect(opened, kind, this.settings.media.fileBytesMax);
        const { contentType, extension } = checked.type;
        const key = `${jobId}/${place}.${extension}`;
        await this.storage.put({ key, contentType, bytes: checked.bytes(), signal });
        return { storageKey: key, contentType, bytes: checked.size };
      } finally {
        opened.close();
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw toMediaError(checked?.error ?? error);
    }
  }

  /**
   * @param hasLinks the upstreams give links to all results, which may be all that is handed out.
   * @throws HubError 503 `storage_full`, before the disk is full.
   */
  checkRoom(hasLinks: boolean): Promise<void> {
    return this.room.requireForJob(hasLinks);
  }

  /** Absolute signed link, fresh with every call; the upstream's own where the operator chose to hand that out. */
  linkOf(job: { readonly id: string; readonly resultsExpireAt?: Date | null }, output: JobOutput): string {
    return output.upstreamUrl ?? this.links.make(job.id, output.place, job.resultsExpireAt ?? undefined);
  }

  /** Deletes results; those that are gone already count as deleted. */
  removeFiles(storageKeys: readonly string[]): Promise<void> {
    return this.storage.remove(storageKeys);
  }
}

/** What is not the source's fault is our storage's. */
function toMediaError(error: unknown): unknown {
  if (error instanceof MediaError || error instanceof TypeError) return error;
  const code = Error.isError(error) ? ('code' in error ? String(error.code) : error.name) : 'unknown failure';
  return new MediaError('no_space', true, `Our storage does not take it (${code}).`, error);
}
