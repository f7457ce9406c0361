import { Worker } from 'node:worker_threads';
import type { CountJob } from './count-worker.js';

/** How a {@link CountThread} works; the defaults are right for the product. */
export interface CountThreadOptions {
  /** How long a count may take, from the call on. */
  readonly timeoutMs?: number;
  /** How long the thread may be busy with one job before it is ended. */
  readonly hangMs?: number;
  /** How much may wait or be counted at one time; more than can be done within the timeout makes no sense. */
  readonly jobsMax?: number;
  readonly charsMax?: number;
  /** Makes the thread, which runs `count-worker`. */
  readonly start?: () => Worker;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

const TIMEOUT_MS = 1000;
const JOBS_MAX = 16;
const CHARS_MAX = 4 * 1024 * 1024;
/** A thread that has been busy with one job for so long hangs: it is ended, and the next job starts another. */
const HANG_MS = 10_000;
/** After a crash, no new thread for so long: what broke one may break the next. */
const REST_MS = 10_000;
/** A thread that needs more ends alone, without the hub. */
const MEMORY_MB_MAX = 256;

/** A job on its way. It can be settled once; later settlements mean nothing. */
interface Waiting {
  readonly job: CountJob;
  readonly settle: (tokens: number | undefined) => void;
}

/** One thread beside the event loop that counts tokens, started when first needed, with a bounded queue. */
export class CountThread {
  private readonly timeoutMs: number;
  private readonly hangMs: number;
  private readonly jobsMax: number;
  private readonly charsMax: number;
  private readonly start: () => Worker;
  private readonly now: () => number;
  private readonly queue: Waiting[] = [];
  private current: Waiting | undefined;
  /** True when nobody waits any more for the job that the thread is busy with. */
  private isLate = false;
  private hangTimer: NodeJS.Timeout | undefined;
  private worker: Worker | undefined;
  private chars = 0;
  private restsUntil = Number.NEGATIVE_INFINITY;
  private isClosed = false;

  constructor(options: CountThreadOptions = {}) {
    this.timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.hangMs = options.hangMs ?? HANG_MS;
    this.jobsMax = options.jobsMax ?? JOBS_MAX;
    this.charsMax = options.charsMax ?? CHARS_MAX;
    this.start = options.start ?? startWorker;
    this.now = options.now ?? (() => performance.now());
  }

  /**
   * Tokens of texts, or undefined when they cannot be counted in time: too much waits already, or the thread failed or
   * was too slow. Never rejects.
   * @param chars UTF-16 units of all texts.
   */
  count(job: CountJob, chars: number): Promise<number | undefined> {
    if (!this.hasRoom(chars)) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.chars += chars;
      const timer = setTimeout(() => this.giveUp(waiting), this.timeoutMs);
      let isSettled = false;
      const settle = (tokens: number | undefined): void => {
        if (isSettled) return;
        isSettled = true;
        clearTimeout(timer);
        this.chars -= chars;
        resolve(tokens);
      };
      const waiting: Waiting = { job, settle };
      this.queue.push(waiting);
      this.next();
    });
  }

  /** Ends the thread. What waits is answered with undefined. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.drop();
    for (const waiting of this.queue.splice(0)) waiting.settle(undefined);
  }

  private hasRoom(chars: number): boolean {
    if (this.isClosed || this.isLate || this.chars + chars > this.charsMax) return false;
    if (this.queue.length + (this.current === undefined ? 0 : 1) >= this.jobsMax) return false;
    return this.worker !== undefined || this.now() >= this.restsUntil;
  }

  private next(): void {
    if (this.current !== undefined) return;
    const waiting = this.queue.shift();
    if (waiting === undefined) return;
    this.current = waiting;
    try {
      this.worker ??= this.open();
      this.worker.postMessage(waiting.job);
    } catch {
      this.fail();
    }
  }

  private open(): Worker {
    const worker = this.start();
    // A count on its way must not keep a process that wants to end.
    worker.unref();
    worker.on('message', (tokens: number) => {
      if (worker !== this.worker) return;
      this.finish(tokens);
      this.next();
    });
    const onEnd = (): void => {
      if (worker === this.worker) this.fail();
    };
    worker.on('error', onEnd);
    worker.on('exit', onEnd);
    return worker;
  }

  /** The thread is gone, or could not be started. */
  private fail(): void {
    this.worker = undefined;
    this.restsUntil = this.now() + REST_MS;
    this.finish(undefined);
    for (const waiting of this.queue.splice(0)) waiting.settle(undefined);
  }

  private finish(tokens: number | undefined): void {
    const { current } = this;
    this.current = undefined;
    this.isLate = false;
    clearTimeout(this.hangTimer);
    current?.settle(tokens);
  }

  /** The thread goes on with what it is busy with: starting another would take longer still. */
  private giveUp(waiting: Waiting): void {
    waiting.settle(undefined);
    if (waiting === this.current) {
      this.isLate = true;
      this.hangTimer = setTimeout(() => {
        void this.drop();
        this.next();
      }, this.hangMs - this.timeoutMs);
      this.hangTimer.unref();
    } else this.queue.splice(this.queue.indexOf(waiting), 1);
  }

  private async drop(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    this.finish(undefined);
    await worker?.terminate();
  }
}

function startWorker(): Worker {
  return new Worker(new URL('./count-worker.js', import.meta.url), {
    name: 'count-tokens',
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB_MAX },
  });
}
