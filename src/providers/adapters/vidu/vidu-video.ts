import type { TaskCall, VideoRequest } from '../../canonical/video.js';
import type { Target, VideoOperation } from '../../provider.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { viduModelOf } from './vidu-models.js';
import { VIDU_TASKS } from './vidu-task.js';

/** Videos by Vidu, https://platform.vidu.com/docs. */
export const viduVideo: VideoOperation = {
  defaultModel: 'viduq3-turbo',
  modelOf: viduModelOf,
  ...VIDU_TASKS,
  toSubmit,
};

function toSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, image, lastFrame, aspectRatio, durationSeconds, resolution, hasAudio, seed, options } = request;
  const pictures = [image, lastFrame].filter((picture) => picture !== undefined).map(pictureAddress);
  const body = {
    // First, so that nothing that is priced can be said twice.
    ...options,
    model: upstreamModel,
    prompt: prompt === '' ? undefined : prompt,
    images: pictures.length === 0 ? undefined : pictures,
    duration: durationSeconds,
    resolution,
    aspect_ratio: aspectRatio,
    audio: viduModelOf(upstreamModel)?.audio === 'optional' ? hasAudio : undefined,
    seed,
    payload: request.externalId,
    callback_url: request.callbackUrl,
  };
  const mode = lastFrame !== undefined ? 'start-end2video' : image !== undefined ? 'img2video' : 'text2video';
  return { method: 'POST', path: `/ent/v2/${mode}`, body: JSON.stringify(body) };
}
