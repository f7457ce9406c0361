import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { CancelSignal } from '../common/cancellation.js';
import { isOver } from './job.js';
import { JobChanges } from './job-changes.js';
import { JobStore } from './job-store.js';
import type { JobView } from './job-view.js';

/** How often changes of other instances are looked for. */
const LOOK_MS = 1_000;
/** Silence after which a watcher is told that there is nothing new. */
const PING_MS = 15_000;

interface Watch {
  readonly id: string;
  version: number;
  wake: () => void;
}

/** Follows jobs for callers who want to hear of each change: one query a second for all of them together. */
@Injectable()
export class JobWatcher implements OnModuleDestroy {
  private readonly watches = new Set<Watch>();
  private timer: NodeJS.Timeout | undefined;
  private isLooking = false;
  private isStopped = false;
  private readonly unlisten: () => void;

  constructor(
    @Inject(JobStore) private readonly store: JobStore,
    @Inject(JobChanges) changes: JobChanges,
  ) {
    this.unlisten = changes.listen((id) => {
      for (const watch of this.watches) if (watch.id === id) watch.wake();
    });
  }

  onModuleDestroy(): void {
    this.isStopped = true;
    this.unlisten();
    clearInterval(this.timer);
    for (const watch of this.watches) watch.wake();
  }

  /** The job now, after each change, and pings between; ends when it is over, gone, or `signal` says stop. */
  async *watch(accountId: string, id: string, signal: CancelSignal): AsyncGenerator<JobView | 'ping', void> {
    const watch: Watch = { id, version: -1, wake: () => undefined };
    const onAbort = (): void => watch.wake();
    signal.addEventListener('abort', onAbort);
    this.add(watch);
    try {
      while (!signal.aborted && !this.isStopped) {
        // Before the look: a change that comes meanwhile must not be slept through.
        const woken = waitFor(watch, PING_MS);
        const job = await this.store.findOf(accountId, id);
        if (job === undefined) return;
        if (job.version !== watch.version) {
          watch.version = job.version;
          yield { job, outputs: (await this.store.outputsOf([id])).get(id) ?? [] };
          if (isOver(job.state)) return;
        }
        if ((await woken) === 'late') yield 'ping';
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.remove(watch);
    }
  }

  private add(watch: Watch): void {
    this.watches.add(watch);
    this.timer ??= setInterval(() => void this.look(), LOOK_MS).unref();
  }

  private remove(watch: Watch): void {
    this.watches.delete(watch);
    if (this.watches.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const ids = new Set([...this.watches].map(({ id }) => id));
      const versions = await this.store.versionsOf([...ids]);
      for (const watch of this.watches) if (versions.get(watch.id) !== watch.version) watch.wake();
    } catch {
      // The database is away; those who watch learn it from their own look.
      for (const watch of this.watches) watch.wake();
    } finally {
      this.isLooking = false;
    }
  }
}

function waitFor(watch: Watch, ms: number): Promise<'woken' | 'late'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('late'), ms).unref();
    watch.wake = () => {
      clearTimeout(timer);
      resolve('woken');
    };
  });
}
