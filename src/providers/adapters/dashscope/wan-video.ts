import type { VideoOperation } from '../../provider.js';
import { WAN_ERRORS } from './wan-errors.js';
import { wanModelOf } from './wan-models.js';
import { toWanSubmit } from './wan-request.js';
import { readWanState, readWanVideo } from './wan-status.js';
import { dashscopeBasePath, readWanRef, toWanStatus, WAN_CANCEL } from './wan-tasks.js';

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
  basePath: dashscopeBasePath,
  toSubmit: toWanSubmit,
  fromSubmit: readWanRef,
  toStatus: toWanStatus,
  fromStatus: (answer) => readWanState(answer, readWanVideo),
  cancel: WAN_CANCEL,
  // 20 questions a second for the whole account, and videos that take minutes.
  statusEveryMs: { first: 10_000, max: 15_000 },
};
