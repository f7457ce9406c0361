import { Logger } from '@nestjs/common';
import type { RedisScript } from '../redis/redis-script.js';

const CLOSED_MS = 1000;
const CLOSED_MS_MAX = 10_000;
/** How long a request waits for Redis before this process decides alone. */
export const REDIS_PATIENCE_MS = 50;

/** What runs scripts; the Redis service. */
export interface ScriptRunner {
  readonly isEnabled: boolean;
  runScript(script: RedisScript, keys: readonly string[], parameters: readonly (string | number)[]): Promise<unknown>;
}

/**
 * Redis as a request may use it: an answer within 50 ms, or none. After a failure nobody asks for a second, then one
 * request tries again; with each further failure the pause doubles, up to ten seconds.
 */
export class RedisGate {
  private readonly logger = new Logger('Limits');
  private failures = 0;
  private closedUntilMs = 0;
  private isTrying = false;

  /** @param now monotonic milliseconds. */
  constructor(
    private readonly redis: ScriptRunner,
    private readonly now: () => number = () => performance.now(),
    private readonly patienceMs = REDIS_PATIENCE_MS,
  ) {}

  /** False without REDIS_URL. */
  get isEnabled(): boolean {
    return this.redis.isEnabled;
  }

  /** Asks Redis. @returns undefined when it does not answer in time or not at all; at once while nobody asks. */
  ask(
    script: RedisScript,
    keys: readonly string[],
    parameters: readonly (string | number)[],
  ): Promise<unknown> | undefined {
    if (!this.mayAsk()) return undefined;
    // Only one tries again after a pause, so that the others do not wait with it.
    const isTrial = this.failures > 0;
    this.isTrying = isTrial;
    return new Promise((resolve) => {
      let isSettled = false;
      const settle = (answer: unknown, failure?: string): void => {
        if (isSettled) return;
        isSettled = true;
        clearTimeout(timer);
        if (failure !== undefined) this.noteFailure(failure, isTrial);
        else if (isTrial) this.noteReturn();
        resolve(answer);
      };
      // Timers come before sockets in a turn of the loop: after a busy moment the answer may be there already, unread.
      const timer = setTimeout(() => setImmediate(settle, undefined, 'no answer in time'), this.patienceMs);
      this.redis.runScript(script, keys, parameters).then(
        (answer) => settle(answer),
        (error: Error) => settle(undefined, error.message),
      );
    });
  }

  /** Tells Redis something nobody waits for, unless it is known to be away. */
  tell(script: RedisScript, keys: readonly string[], parameters: readonly (string | number)[]): void {
    if (!this.isEnabled || this.failures > 0) return;
    this.redis.runScript(script, keys, parameters).catch((error: Error) => this.noteFailure(error.message, false));
  }

  private mayAsk(): boolean {
    if (!this.isEnabled) return false;
    return this.failures === 0 || (!this.isTrying && this.now() >= this.closedUntilMs);
  }

  private noteReturn(): void {
    this.failures = 0;
    this.isTrying = false;
    this.logger.log('Rate limits are shared through Redis again.');
  }

  private noteFailure(reason: string, isTrial: boolean): void {
    // Those that were under way when the first one failed add nothing.
    if (this.failures > 0 && !isTrial) return;
    if (this.failures === 0) this.logger.warn(`Redis cannot keep rate limits (${reason}); each process counts alone.`);
    this.closedUntilMs = this.now() + Math.min(CLOSED_MS * 2 ** this.failures, CLOSED_MS_MAX);
    this.failures++;
    this.isTrying = false;
  }
}
