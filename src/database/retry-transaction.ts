import { setTimeout as delay } from 'node:timers/promises';
import { isRetryable } from './database-error.js';

const ATTEMPTS_MAX = 5;
const BACKOFF_MS = 10;

/**
 * Runs a whole transaction again when it lost a deadlock or a serialisation conflict, at most {@link ATTEMPTS_MAX} times,
 * with growing random pauses so that two that collided do not collide again.
 */
export async function retryTransaction<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts === ATTEMPTS_MAX || !isRetryable(error)) throw error;
    }
    await delay(Math.random() * BACKOFF_MS * 2 ** attempts);
  }
}
