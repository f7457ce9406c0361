import type { MediaInput, TaskCall, VideoRequest } from '../../canonical/video.js';
import type { Target } from '../../provider.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { arkModelOf } from './ark-models.js';

/** The collection of all tasks. */
export const TASKS_PATH = '/contents/generations/tasks';

/** The call that makes a task. */
export function toArkSubmit(request: VideoRequest, { upstreamModel }: Target): TaskCall {
  // An endpoint id does not tell its model. Sound is then always named: what Ark does by itself would be another product.
  const isAudioNamed = arkModelOf(upstreamModel)?.audio !== 'never';
  const body = {
    ...request.options,
    model: upstreamModel,
    content: toContent(request),
    resolution: request.resolution,
    ratio: request.aspectRatio,
    duration: request.durationSeconds,
    generate_audio: isAudioNamed ? request.hasAudio : undefined,
    seed: request.seed,
    safety_identifier: request.endUser,
    callback_url: request.callbackUrl,
  };
  return { method: 'POST', path: TASKS_PATH, body: JSON.stringify(body) };
}

function toContent({ prompt, image, lastFrame }: VideoRequest): readonly unknown[] {
  return [
    ...(prompt === '' ? [] : [{ type: 'text', text: prompt }]),
    ...(image === undefined ? [] : [toFrame(image, 'first_frame')]),
    ...(lastFrame === undefined ? [] : [toFrame(lastFrame, 'last_frame')]),
  ];
}

function toFrame(input: MediaInput, role: 'first_frame' | 'last_frame'): unknown {
  return { type: 'image_url', image_url: { url: pictureAddress(input) }, role };
}
