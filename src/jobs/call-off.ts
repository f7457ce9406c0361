import { ProviderError } from '../providers/canonical/provider-error.js';
import type { TaskAnswer, TaskCall, TaskRef } from '../providers/canonical/video.js';
import type { TaskApi } from '../providers/provider.js';

/**
 * Asks an upstream to stop a task, where the task's state lets it. What comes of it is for the next answer to say.
 * @returns whether the upstream took it.
 * @throws ProviderError when the upstream cannot be asked.
 */
export async function callOff(
  operation: Pick<TaskApi, 'toStatus' | 'fromStatus' | 'cancel'>,
  ref: TaskRef,
  send: (call: TaskCall) => Promise<TaskAnswer>,
): Promise<boolean> {
  const { cancel } = operation;
  const call = cancel?.toCall(ref);
  if (cancel === undefined || call === undefined) return false;
  const before = operation.fromStatus(await send(operation.toStatus(ref)), ref);
  if ((before.state !== 'queued' && before.state !== 'processing') || !cancel.states.includes(before.state))
    return false;
  const answer = await send(call);
  try {
    cancel.fromAnswer(answer, ref);
    return true;
  } catch (error) {
    // Refused: it goes on, as its state will show.
    if (!(error instanceof ProviderError)) throw error;
    return false;
  }
}
