import type { TaskRef } from '../../canonical/video.js';
import type { VideoOperation } from '../../provider.js';
import { MINIMAX_VIDEO_ERRORS } from './minimax-errors.js';
import { isV2Model, minimaxModelOf } from './minimax-models.js';
import { fromV1Status, fromV1Submit, toV1Status, toV1Submit } from './minimax-v1.js';
import { fromV2Cancel, fromV2Status, fromV2Submit, toV2Cancel, toV2Status, toV2Submit } from './minimax-v2.js';

const isV2Task = (ref: TaskRef): boolean => ref['dialect'] === 'v2';

/**
 * Videos of MiniMax, https://platform.minimax.io/docs: Hailuo by the first API, H3 by the second. The model tells which. Neither
 * keeps an id of ours with a task, and neither signs its callbacks.
 */
export const minimaxVideo: VideoOperation = {
  defaultModel: 'MiniMax-H3',
  errors: MINIMAX_VIDEO_ERRORS,
  modelOf: minimaxModelOf,
  // The channel's address is that of one version, of which the chat knows only the first.
  basePath: (path) => path.replace(/\/v1\/?$/, ''),
  toSubmit: (request, target) =>
    isV2Model(target.upstreamModel) ? toV2Submit(request, target) : toV1Submit(request, target),
  fromSubmit: (answer, _request, target) =>
    isV2Model(target.upstreamModel) ? fromV2Submit(answer) : fromV1Submit(answer),
  toStatus: (ref) => (isV2Task(ref) ? toV2Status(ref) : toV1Status(ref)),
  fromStatus: (answer, ref) => (isV2Task(ref) ? fromV2Status(answer) : fromV1Status(answer, ref)),
  cancel: {
    // Of a task that is over, the same call destroys the record.
    states: ['queued'],
    toCall: (ref) => (isV2Task(ref) ? toV2Cancel(ref) : undefined),
    fromAnswer: fromV2Cancel,
  },
};
