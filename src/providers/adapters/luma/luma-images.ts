import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { TaskCall, VideoRefusal } from '../../canonical/video.js';
import type { ImageTaskOperation, Target } from '../../provider.js';
import { ratioOfSize } from '../tasks/picture-size.js';
import { faultOfOptions, type OptionKind, SWITCH, wordOf } from '../tasks/video-rules.js';
import { generationsOf, toReference } from './luma-generation.js';

/** Pictures have about 2048 pixels on a side whatever their shape, which is all that can be chosen. */
const RATIOS = ['3:1', '2:1', '16:9', '3:2', '1:1', '2:3', '9:16', '1:2', '1:3'];
const OPTIONS: Readonly<Record<string, OptionKind>> = {
  style: wordOf('auto', 'manga'),
  output_format: wordOf('png', 'jpeg'),
  web_search: SWITCH,
};

/** https://docs.agents.lumalabs.ai/guides/image-generation; the two differ in quality and price only. */
const UNI_1: ImageTaskModel = {
  countMax: 1,
  promptCharsMax: 6_000,
  qualities: [],
  imagesMax: 9,
  imageForms: ['url', 'bytes'],
  hasNegativePrompt: false,
  hasSeed: false,
  options: Object.keys(OPTIONS),
  refusal,
};
const MODELS: ReadonlyMap<string, ImageTaskModel> = new Map([
  ['uni-1', UNI_1],
  ['uni-1-max', UNI_1],
]);

/** Pictures by Luma Agents, made of text and of pictures to go by. */
export const lumaImages: ImageTaskOperation = {
  modelOf: (name) => MODELS.get(name),
  ...generationsOf('image'),
  toSubmit,
};

function toSubmit({ prompt, size, images, options, endUser }: ImageTaskRequest, { upstreamModel }: Target): TaskCall {
  const body = {
    ...options,
    model: upstreamModel,
    type: 'image',
    prompt,
    aspect_ratio: size === undefined ? undefined : ratioOfSize(size, RATIOS),
    image_ref: images.length === 0 ? undefined : images.map(toReference),
    user_id: endUser,
  };
  return { method: 'POST', path: '/generations', body: JSON.stringify(body) };
}

function refusal({ prompt, size, options }: ImageTaskRequest): VideoRefusal | undefined {
  if (prompt === '') return { param: 'prompt', message: 'Luma makes no picture without a prompt.' };
  if (size !== undefined && ratioOfSize(size, RATIOS) === undefined)
    return { param: 'size', message: `Luma makes pictures of the shapes ${RATIOS.join(', ')} only.` };
  return faultOfOptions(options, OPTIONS);
}
