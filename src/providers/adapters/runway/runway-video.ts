import { ProviderError } from '../../canonical/provider-error.js';
import type { TaskCall, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { RUNWAY_RATIO_DEFAULT, runwayModelOf } from './runway-models.js';
import { RUNWAY_TASKS } from './runway-task.js';

/** Videos by Runway and by the models of others that it hosts: https://docs.dev.runwayml.com/api. It sends no callbacks. */
export const runwayVideo: VideoOperation = {
  defaultModel: 'gen4.5',
  modelOf: (name) => runwayModelOf(name)?.video,
  ...RUNWAY_TASKS,
  toSubmit,
};

/** @throws ProviderError `model_missing` for a model that Runway does not have. */
function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const model = runwayModelOf(upstreamModel);
  if (model === undefined)
    throw new ProviderError({ kind: 'model_missing', message: `Runway has no video model "${upstreamModel}".` });
  const { prompt, image, negativePrompt, aspectRatio, resolution, durationSeconds, hasAudio, seed } = request;
  const body = {
    ...request.options,
    model: upstreamModel,
    promptText: prompt === '' ? undefined : prompt,
    promptImage: toImages(request),
    negativePrompt,
    ratio: model.sizes[resolution]?.[aspectRatio ?? RUNWAY_RATIO_DEFAULT],
    duration: durationSeconds,
    audio: model.video.audio === 'optional' ? hasAudio : undefined,
    seed,
  };
  const path = image === undefined ? '/v1/text_to_video' : '/v1/image_to_video';
  return { method: 'POST', path, body: JSON.stringify(body) };
}

/** One picture is the first frame; only two need to be told apart. */
function toImages({ image, lastFrame }: VideoRequest): unknown {
  if (image === undefined) return undefined;
  if (lastFrame === undefined) return pictureAddress(image);
  return [
    { uri: pictureAddress(image), position: 'first' },
    { uri: pictureAddress(lastFrame), position: 'last' },
  ];
}
