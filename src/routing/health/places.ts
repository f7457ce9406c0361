import type { CancelSignal } from '../../common/cancellation.js';
import { ProviderError } from '../../providers/canonical/provider-error.js';

const WAIT_MS = 2000;
const BUSY = new ProviderError({ kind: 'busy', message: 'All places of the channel are taken.', retryAfterMs: 1000 });

/** How full a channel with a limit is. */
export interface PlacesUse {
  readonly inUse: number;
  readonly waiting: number;
  readonly max: number;
}

interface Waiter {
  go(): void;
}

interface Queue {
  inUse: number;
  max: number;
  readonly waiting: Waiter[];
}

/** The limits of channels of requests at a time, counted by this process: whoever finds no place waits in a short line. */
export class Places {
  private readonly queues = new Map<string, Queue>();

  /** @param waitMs longest wait in line. */
  constructor(private readonly waitMs = WAIT_MS) {}

  /** Whether one more would have to wait. */
  isFull(channelId: string, max: number): boolean {
    const queue = this.queues.get(channelId);
    return queue !== undefined && queue.inUse >= max;
  }

  /**
   * Takes a place; it must be given back by {@link release}. Where all are taken it waits, in a line as long as the limit, for two
   * seconds.
   *
   * @returns undefined when it has one at once.
   * @throws ProviderError `busy`, or the reason of the signal.
   */
  take(channelId: string, max: number, signal: CancelSignal): Promise<void> | undefined {
    let queue = this.queues.get(channelId);
    if (queue === undefined) {
      queue = { inUse: 0, max, waiting: [] };
      this.queues.set(channelId, queue);
    }
    // A limit that was raised holds for those in line as well.
    queue.max = max;
    letIn(queue);
    if (queue.inUse < max) {
      queue.inUse++;
      return undefined;
    }
    if (queue.waiting.length >= max) throw BUSY;
    return this.wait(queue, signal);
  }

  /** Gives a place back: to whoever is next in line. */
  release(channelId: string): void {
    const queue = this.queues.get(channelId);
    if (queue === undefined) return;
    queue.inUse--;
    letIn(queue);
    if (queue.inUse === 0 && queue.waiting.length === 0) this.queues.delete(channelId);
  }

  /** How full a channel is; undefined while nobody is there. */
  useOf(channelId: string): PlacesUse | undefined {
    const queue = this.queues.get(channelId);
    return queue && { inUse: queue.inUse, waiting: queue.waiting.length, max: queue.max };
  }

  private wait(queue: Queue, signal: CancelSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        go: () => {
          stop();
          resolve();
        },
      };
      const giveUp = (reason: unknown): void => {
        stop();
        const index = queue.waiting.indexOf(waiter);
        if (index !== -1) queue.waiting.splice(index, 1);
        reject(reason);
      };
      const onAbort = (): void => giveUp(signal.reason);
      const timer = setTimeout(() => giveUp(BUSY), this.waitMs).unref();
      const stop = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      queue.waiting.push(waiter);
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
  }
}

/** Lets those in line have the places that are free. */
function letIn(queue: Queue): void {
  while (queue.inUse < queue.max && queue.waiting.length > 0) {
    queue.inUse++;
    queue.waiting.shift()?.go();
  }
}
