import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskRef, TaskState } from '../../canonical/video.js';
import type { TaskApi, TaskOperation } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { textOf404 } from '../tasks/text-of-404.js';
import { RUNWAY_ERRORS, readRunwayAnswer, runwayFailureKindOf, toRunwayError } from './runway-errors.js';

/** What tasks have in common, whatever they make. */
export const RUNWAY_TASKS: TaskApi & Pick<TaskOperation<unknown>, 'fromSubmit'> = {
  errors: RUNWAY_ERRORS,
  note: 'Links work for 24 to 48 hours. A task that is called off is paid for all the same, and forgotten.',
  linksLastHours: 24,
  fromSubmit: (answer) => {
    const { id } = readRunwayAnswer(answer);
    if (!isText(id)) throw unreadable('Runway accepted the task and did not name it.');
    return { id };
  },
  toStatus: (ref) => ({ method: 'GET', path: pathOf(ref) }),
  fromStatus,
  cancel: {
    // The same call deletes a task that is over.
    states: ['queued', 'processing'],
    isBilled: true,
    toCall: (ref) => ({ method: 'DELETE', path: pathOf(ref) }),
    fromAnswer: (answer) => {
      if (answer.status < 200 || answer.status > 299) throw toRunwayError(answer);
    },
  },
  // Not to be asked more often than every five seconds.
  statusEveryMs: { first: 6_000, max: 15_000 },
};

function pathOf({ id }: TaskRef): string {
  return `/v1/tasks/${encodeURIComponent(String(id))}`;
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (textOf404(answer, 'error') !== undefined)
    return { state: 'failed', kind: 'expired', message: 'Runway does not know the task any more.' };
  const task = readRunwayAnswer(answer);
  const word = task['status'];
  if (!isText(word)) throw unreadable('Runway says nothing of the state of the task.');
  switch (word) {
    case 'PENDING':
    // Above what the account may have at a time: it waits.
    case 'THROTTLED':
      return { state: 'queued' };
    case 'RUNNING':
      return { state: 'processing', ...readProgress(task['progress']) };
    case 'SUCCEEDED':
      return { state: 'succeeded', outputs: readOutputs(task['output']), usage: {} };
    case 'FAILED':
      return readFailure(task);
    case 'CANCELLED':
    case 'CANCELED':
      return { state: 'cancelled' };
    default:
      return stateOfUnknownWord(word);
  }
}

/** A fraction, as percent. */
function readProgress(progress: unknown): { readonly progress?: number } {
  const isFraction = typeof progress === 'number' && progress >= 0 && progress <= 1;
  return isFraction ? { progress: Math.round(progress * 100) } : {};
}

function readOutputs(output: unknown): readonly { readonly url: string }[] {
  const links: readonly unknown[] = Array.isArray(output) ? output : [];
  if (links.length === 0 || !links.every(isText))
    throw unreadable('Runway calls the task a success and gives nothing.');
  return links.map((url) => ({ url }));
}

function readFailure({ failure, failureCode }: WireObject): TaskState {
  const message = isText(failure) ? failure : 'Runway gives no reason.';
  if (!isText(failureCode)) return { state: 'failed', kind: 'failed', message };
  return { state: 'failed', kind: runwayFailureKindOf(failureCode), code: failureCode, message };
}
