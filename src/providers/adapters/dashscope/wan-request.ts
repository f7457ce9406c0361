import { ProviderError } from '../../canonical/provider-error.js';
import type { TaskCall, VideoRequest } from '../../canonical/video.js';
import type { Target } from '../../provider.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { WAN_RATIO_DEFAULT, WAN_SIZES, type WanModel, wanModelOf } from './wan-models.js';

/** Text, image and reference to video. */
const VIDEO_PATH = '/services/aigc/video-generation/video-synthesis';
/** First and last frame, up to 2.6. */
const FRAMES_PATH = '/services/aigc/image2video/video-synthesis';
/** Options that describe the input; all others are parameters. */
const INPUT_OPTIONS = new Set(['audio_url']);

type Fields = Record<string, unknown>;

/** Asks for a video. @throws ProviderError `model_missing` for a model that is not Wan's. */
export function toWanSubmit(request: VideoRequest, target: Target): TaskCall {
  const model = wanModelOf(target.upstreamModel);
  if (model === undefined) {
    const message = `DashScope has no Wan model "${target.upstreamModel}" that the hub could ask for videos.`;
    throw new ProviderError({ kind: 'model_missing', message });
  }
  const { input, parameters } = toBody(request, model);
  return {
    method: 'POST',
    path: model.form === 'frames' ? FRAMES_PATH : VIDEO_PATH,
    // Without it the vendor refuses: nobody may wait for a video.
    headers: { 'x-dashscope-async': 'enable' },
    body: JSON.stringify({ model: target.upstreamModel, input, parameters }),
  };
}

function toBody(request: VideoRequest, model: WanModel): { readonly input: Fields; readonly parameters: Fields } {
  const input: Fields = {};
  if (request.prompt !== '') input['prompt'] = request.prompt;
  if (request.negativePrompt !== undefined) input['negative_prompt'] = request.negativePrompt;
  addPictures(input, request, model);
  // A number here, and a text for size and resolution.
  const parameters: Fields = { ...toFrame(request, model), duration: request.durationSeconds };
  if (model.hasAudioSwitch) parameters['audio'] = request.hasAudio;
  if (request.seed !== undefined) parameters['seed'] = request.seed;
  for (const [name, value] of Object.entries(request.options)) {
    if (name === 'audio_url' && model.form === 'media' && request.image !== undefined) {
      addMedia(input, 'driving_audio', value);
    } else (INPUT_OPTIONS.has(name) ? input : parameters)[name] = value;
  }
  return { input, parameters };
}

function addPictures(input: Fields, { image, lastFrame }: VideoRequest, { form }: WanModel): void {
  if (form === 'media') {
    if (image !== undefined) addMedia(input, 'first_frame', pictureAddress(image));
    if (lastFrame !== undefined) addMedia(input, 'last_frame', pictureAddress(lastFrame));
  } else if (image !== undefined) {
    input[form === 'frames' ? 'first_frame_url' : 'img_url'] = pictureAddress(image);
    if (lastFrame !== undefined) input['last_frame_url'] = pictureAddress(lastFrame);
  }
}

function addMedia(input: Fields, type: string, url: unknown): void {
  const media: unknown = input['media'];
  input['media'] = [...(Array.isArray(media) ? media : []), { type, url }];
}

/** Resolution and shape; the letter of a resolution is a capital. */
function toFrame({ resolution, aspectRatio }: VideoRequest, { form, video }: WanModel): Fields {
  if (form === 'size') return { size: WAN_SIZES[resolution]?.[aspectRatio ?? WAN_RATIO_DEFAULT] };
  const ratio = aspectRatio === undefined || video.aspectRatios.length === 0 ? {} : { ratio: aspectRatio };
  return { resolution: resolution.toUpperCase(), ...ratio };
}
