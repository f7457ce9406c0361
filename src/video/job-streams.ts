import { Inject, Injectable } from '@nestjs/common';
import { Cancellation } from '../common/cancellation.js';
import { Lifecycle } from '../lifecycle/lifecycle.js';
import { tooManyStreams } from './video.errors.js';

/** Open event streams of one API key in one process. */
export const STREAMS_PER_KEY_MAX = 32;

/** The event streams that are open: so many per key, and none once the hub stops, whose clients come back elsewhere. */
@Injectable()
export class JobStreams {
  private readonly open = new Map<string, Set<Cancellation>>();

  constructor(@Inject(Lifecycle) private readonly lifecycle: Lifecycle) {
    lifecycle.onDrain(() => this.endAll());
  }

  /**
   * Takes a place for a stream.
   * @returns what ends it, and must be aborted when it has ended; it aborts by itself when the hub stops.
   * @throws HubError 429 `too_many_streams`.
   */
  begin(keyId: string): Cancellation {
    const streams = this.open.get(keyId) ?? new Set();
    if (streams.size >= STREAMS_PER_KEY_MAX) throw tooManyStreams(STREAMS_PER_KEY_MAX);
    const stream = new Cancellation();
    this.open.set(keyId, streams.add(stream));
    stream.addEventListener('abort', () => {
      streams.delete(stream);
      if (streams.size === 0) this.open.delete(keyId);
    });
    if (this.lifecycle.isDraining) stream.abort('The hub stops.');
    return stream;
  }

  private endAll(): void {
    for (const stream of [...this.open.values()].flatMap((streams) => [...streams])) stream.abort('The hub stops.');
  }
}
