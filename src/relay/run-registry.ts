import { Injectable } from '@nestjs/common';
import { shuttingDown } from './relay.errors.js';
import type { RelayContext } from './relay-context.js';
import { RelayRun } from './relay-run.js';

/**
 * The requests in flight. *admit* and *finish* of every relay request pass through here, each exactly once: the place
 * where money is reserved and settled, and what a graceful stop waits for.
 */
@Injectable()
export class RunRegistry {
  private readonly runs = new Set<RelayRun>();
  private isClosed = false;
  private onEmpty: (() => void) | undefined;

  /** Number of requests in flight. */
  get size(): number {
    return this.runs.size;
  }

  /**
   * Lets a validated request in. Nothing has been sent to an upstream before this, and everything after it ends in
   * `RelayRun.finish`.
   * @throws HubError 503 when the hub no longer takes requests.
   */
  async admit(context: RelayContext, model: string): Promise<RelayRun> {
    if (this.isClosed) throw shuttingDown();
    const run = new RelayRun(context, model, async (finished) => this.remove(finished));
    this.runs.add(run);
    return run;
  }

  /** Waits until all requests have ended, at most `timeoutMs`; then ends the rest and waits for that. */
  async drain(timeoutMs: number): Promise<void> {
    const deadline = setTimeout(() => this.stopAll(), timeoutMs);
    await new Promise<void>((resolve) => {
      this.onEmpty = resolve;
      if (this.runs.size === 0) resolve();
    });
    clearTimeout(deadline);
  }

  private stopAll(): void {
    this.isClosed = true;
    for (const run of this.runs) run.stop();
  }

  private remove(run: RelayRun): void {
    this.runs.delete(run);
    if (this.runs.size === 0) this.onEmpty?.();
  }
}
