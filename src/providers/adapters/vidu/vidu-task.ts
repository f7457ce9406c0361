import { isObject } from '../../../common/is-object.js';
import { stateOfUnknownWord } from '../../canonical/unknown-word.js';
import type { TaskAnswer, TaskRef, TaskState } from '../../canonical/video.js';
import type { TaskApi, TaskOperation } from '../../provider.js';
import { isText, type WireObject } from '../openai-compatible/wire.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { viduCallback } from './vidu-callback.js';
import { isGoneAtVidu, readViduAnswer, toViduError, VIDU_ERRORS, viduFailureKindOf } from './vidu-errors.js';

/** What tasks have in common, whatever they make. Vidu keeps our id as a task's payload, and cannot be asked by it. */
export const VIDU_TASKS: TaskApi & Pick<TaskOperation<unknown>, 'fromSubmit'> = {
  errors: VIDU_ERRORS,
  note: 'Callbacks are signed with the API key itself: `VIDU_CALLBACK_SECRET` has the value of `VIDU_API_KEY`.',
  linksLastHours: 24,
  fromSubmit: (answer) => {
    const id = readViduAnswer(answer)['task_id'];
    if (!isText(id)) throw unreadable('Vidu accepted the task and did not name it.');
    return { id };
  },
  toStatus: (ref) => ({ method: 'GET', path: `${pathOf(ref)}/creations` }),
  fromStatus,
  cancel: {
    states: ['queued'],
    // Two places are told of this call; this one is the newer.
    toCall: (ref) => ({ method: 'POST', path: `${pathOf(ref)}/cancel`, body: JSON.stringify({ id: ref['id'] }) }),
    fromAnswer: (answer) => {
      if (answer.status < 200 || answer.status > 299) throw toViduError(answer);
    },
  },
  callback: viduCallback,
};

function pathOf({ id }: TaskRef): string {
  return `/ent/v2/tasks/${encodeURIComponent(String(id))}`;
}

function fromStatus(answer: TaskAnswer): TaskState {
  if (answer.status === 404) {
    const error = toViduError(answer);
    if (!isGoneAtVidu(error)) throw error;
    return { state: 'failed', kind: 'expired', code: error.code, message: error.message };
  }
  const task = readViduAnswer(answer);
  const word = task['state'];
  if (!isText(word)) throw unreadable('Vidu says nothing of the state of the task.');
  switch (word) {
    case 'created':
    case 'queueing':
      return { state: 'queued' };
    case 'processing':
      return { state: 'processing' };
    case 'success':
      return { state: 'succeeded', outputs: [{ url: readUrl(task) }], usage: {} };
    case 'failed':
      return readFailure(task['err_code']);
    default:
      return stateOfUnknownWord(word);
  }
}

/** The file without the watermark that a second link has. */
function readUrl({ creations }: WireObject): string {
  const first: unknown = Array.isArray(creations) ? creations[0] : undefined;
  const url = isObject(first) ? first['url'] : undefined;
  if (!isText(url)) throw unreadable('Vidu calls the task a success and gives nothing.');
  return url;
}

function readFailure(code: unknown): TaskState {
  if (!isText(code)) return { state: 'failed', kind: 'failed', message: 'Vidu gives no reason.' };
  if (code === 'UserCancelled') return { state: 'cancelled' };
  return { state: 'failed', kind: viduFailureKindOf(code), code, message: `Vidu gives the reason ${code}.` };
}
