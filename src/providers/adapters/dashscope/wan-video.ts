import type { TaskRef } from '../../canonical/video.js';
import type { VideoOperation } from '../../provider.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { toTaskError } from '../tasks/to-task-error.js';
import { DASHSCOPE_ERRORS, WAN_ERRORS } from './wan-errors.js';
import { wanModelOf } from './wan-models.js';
import { toWanSubmit } from './wan-request.js';
import { readWanOutput, readWanState } from './wan-status.js';

/**
 * Wan on DashScope: https://www.alibabacloud.com/help/en/model-studio/legacy-wan-text-to-video-api-reference and
 * https://www.alibabacloud.com/help/en/model-studio/manage-asynchronous-tasks. Tasks carry no name of the caller's, so that one
 * whose answer was lost cannot be told from others.
 */
export const wanVideo: VideoOperation = {
  defaultModel: 'wan2.7-t2v',
  modelOf: (name) => wanModelOf(name)?.video,
  errors: WAN_ERRORS,
  note: 'Key, address and model must be of one region. Links and tasks are gone 24 hours after the end of a task.',
  linksLastHours: 24,
  // Channels are declared with the address of chat, in OpenAI's format; tasks lie beside it.
  basePath: (path) => `${path.replace(/\/(?:compatible-mode\/v1|api\/v1)$/, '')}/api/v1`,
  toSubmit: toWanSubmit,
  fromSubmit: (answer) => {
    const id = readWanOutput(answer).output['task_id'];
    if (typeof id !== 'string' || id === '') throw unreadable('The upstream took the video on without an id.');
    return { id };
  },
  toStatus: (ref) => ({ method: 'GET', path: pathOf(ref) }),
  fromStatus: readWanState,
  cancel: {
    // A task leaves PENDING within tens of milliseconds: most of the time it is too late.
    states: ['queued'],
    toCall: (ref) => ({ method: 'POST', path: `${pathOf(ref)}/cancel` }),
    fromAnswer: (answer) => {
      if (answer.status < 200 || answer.status >= 300) throw toTaskError(answer, WAN_ERRORS, DASHSCOPE_ERRORS);
    },
  },
  // 20 questions a second for the whole account, and videos that take minutes.
  statusEveryMs: { first: 10_000, max: 15_000 },
};

function pathOf(ref: TaskRef): string {
  return `/tasks/${encodeURIComponent(String(ref['id']))}`;
}
