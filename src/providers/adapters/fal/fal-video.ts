import type { TaskState } from '../../canonical/video.js';
import type { VideoOperation } from '../../provider.js';
import type { WireObject } from '../openai-compatible/wire.js';
import { toHostedInputs } from '../tasks/hosted-model.js';
import { unreadable } from '../tasks/read-task-answer.js';
import { FAL_GENERIC_MODEL, falInputsOf, falModelOf } from './fal-models.js';
import { FAL_TASKS, falFiles, falUrlOf, falVideoMs, fromFalStatus, fromFalSubmit, toFalSubmit } from './fal-task.js';

/**
 * Videos of the models that fal hosts, by its queue: https://fal.ai/docs/documentation/model-apis/inference/queue. A reference is `{ app, id }`, and
 * `{ app, id, isOver: true }` once its result is to be asked for.
 */
export const falVideo: VideoOperation = {
  ...FAL_TASKS,
  defaultModel: 'fal-ai/vidu/q3/text-to-video',
  modelOf: (name) => falModelOf(name)?.video,
  genericModel: FAL_GENERIC_MODEL,
  note:
    'A model is an endpoint. One that is not in the table is declared with `models[].video`, is given `prompt`, `image_url`, `aspect_ratio`, ' +
    '`duration` (as text) and `resolution`, and takes what else it has as `providerOptions` that `options` lists. ' +
    "Callbacks are known by fal's public keys: the `x` of each in its key set, or the whole set, in place of a secret.",
  toSubmit: (request, { upstreamModel }) =>
    toFalSubmit(upstreamModel, toHostedInputs(request, falInputsOf(upstreamModel)), request.callbackUrl),
  fromSubmit: (answer, _request, { upstreamModel }) => fromFalSubmit(answer, upstreamModel),
  fromStatus: (answer, ref) => fromFalStatus(answer, ref, stateOfVideos),
};

function stateOfVideos(output: WireObject): TaskState {
  const files = falFiles(output, 'video', 'videos');
  if (files.length === 0) throw unreadable('fal calls the request a success and gives no video.');
  const videoMs = falVideoMs(files);
  const outputs = files.map((file) => ({ url: falUrlOf(file) }));
  return { state: 'succeeded', outputs, usage: videoMs === undefined ? {} : { videoMs } };
}
