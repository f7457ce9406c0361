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
    const run = new RelayRun(context, model, async (finished) => {
      this.runs.delete(finished);
    });
    this.runs.add(run);
    return run;
  }

  /** Ends every request because the hub stops, and lets none in any more. */
  stop(): void {
    this.isClosed = true;
    for (const run of this.runs) run.stop();
  }
}
