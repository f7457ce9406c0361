import type { TaskAnswer, TaskCall, TaskRef } from '../../canonical/video.js';
import type { TaskApi } from '../../provider.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';
import { DASHSCOPE_ERRORS, WAN_ERRORS } from './wan-errors.js';
import { readWanOutput } from './wan-status.js';

// What tasks of every kind have in common: https://www.alibabacloud.com/help/en/model-studio/manage-asynchronous-tasks

/** Channels are declared with the address of chat, in OpenAI's format; the vendor's own API lies beside it. */
export function dashscopeBasePath(path: string): string {
  return `${path.replace(/\/(?:compatible-mode\/v1|api\/v1)$/, '')}/api/v1`;
}

/** @throws ProviderError when the answer is a refusal or names no task. */
export function readWanRef(answer: TaskAnswer): TaskRef {
  const id = readWanOutput(answer).output['task_id'];
  if (typeof id !== 'string' || id === '') throw unreadable('The upstream took the task on without an id.');
  return { id };
}

/** Asks after a task. */
export function toWanStatus(ref: TaskRef): TaskCall {
  return { method: 'GET', path: pathOf(ref) };
}

export const WAN_CANCEL: NonNullable<TaskApi['cancel']> = {
  // A task leaves PENDING within tens of milliseconds: most of the time it is too late.
  states: ['queued'],
  toCall: (ref) => ({ method: 'POST', path: `${pathOf(ref)}/cancel` }),
  fromAnswer: (answer) => {
    if (answer.status < 200 || answer.status >= 300) throw toTaskError(answer, WAN_ERRORS, DASHSCOPE_ERRORS);
  },
};

function pathOf(ref: TaskRef): string {
  return `/tasks/${encodeURIComponent(String(ref['id']))}`;
}
