import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskAnswer, TaskCall, TaskRef, TaskState } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';

/** How often an answer may say that another question is needed. */
const FOLLOWS_MAX = 3;
/**
 * For how long after it has taken a task on an upstream is not believed that the task is gone: what answers questions may lag behind
 * what takes tasks on, and the vendor is paid for the task all the same.
 */
const NEW_MS = 60_000;

/**
 * Asks an upstream after a task, more often where an answer is not complete by itself.
 * @param keep told of each reference that takes the place of the one before.
 * @returns the state, and the reference to ask with next.
 * @throws ProviderError when it cannot be told, also for a success without a result.
 */
export async function askAfter(
  operation: Pick<TaskApi, 'toStatus' | 'fromStatus'>,
  first: TaskRef,
  send: (call: TaskCall) => Promise<TaskAnswer>,
  keep?: (ref: TaskRef) => Promise<unknown>,
): Promise<{ readonly state: TaskState; readonly ref: TaskRef }> {
  let ref = first;
  for (let follows = 0; ; follows++) {
    const state = operation.fromStatus(await send(operation.toStatus(ref)), ref);
    if (state.state === 'succeeded' && state.outputs.length === 0) {
      throw new ProviderError({
        kind: 'invalid_response',
        message: 'The upstream reports a success without a result.',
      });
    }
    if (state.state !== 'follow' || follows === FOLLOWS_MAX) return { state, ref };
    ref = state.ref;
    await keep?.(ref);
  }
}

/** Whether an upstream says that a task is gone which it has just taken on. @param ageMs since it was taken on. */
export function isGoneTooSoon(state: TaskState, ageMs: number): boolean {
  return state.state === 'failed' && state.kind === 'expired' && ageMs < NEW_MS;
}
