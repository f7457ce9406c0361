import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { TaskCall, VideoRefusal } from '../../canonical/video.js';
import type { ImageTaskOperation, Target } from '../../provider.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { faultOfOptions } from '../tasks/video-rules.js';
import { RUNWAY_OPTIONS, RUNWAY_SEED_MAX } from './runway-models.js';
import { RUNWAY_TASKS } from './runway-task.js';

/** https://docs.dev.runwayml.com/api: what it calls `ratio`, with an `x` in place of its colon. */
const SIZES = [
  '1024x1024',
  '1080x1080',
  '1168x880',
  '1360x768',
  '1440x1080',
  '1080x1440',
  '1808x768',
  '1920x1080',
  '1080x1920',
  '2112x912',
  '1280x720',
  '720x1280',
  '720x720',
  '960x720',
  '720x960',
  '1680x720',
];
/** Of a picture whose size was left open: Runway wants one named. */
const SIZE_DEFAULT = '1024x1024';
/** Runway counts UTF-16 units, of which some characters have two. */
const PROMPT_UNITS_MAX = 1_000;

const GEN4: ImageTaskModel = {
  countMax: 1,
  promptCharsMax: PROMPT_UNITS_MAX,
  sizes: SIZES,
  qualities: [],
  imagesMax: 3,
  imageForms: ['url', 'bytes'],
  hasNegativePrompt: false,
  hasSeed: true,
  options: Object.keys(RUNWAY_OPTIONS),
  refusal,
};
const MODELS: ReadonlyMap<string, ImageTaskModel> = new Map([
  ['gen4_image', GEN4],
  ['gen4_image_turbo', { ...GEN4, imagesMin: 1 }],
]);

/** Pictures by Runway's own models. */
export const runwayImages: ImageTaskOperation = {
  modelOf: (name) => MODELS.get(name),
  ...RUNWAY_TASKS,
  toSubmit,
};

function toSubmit(request: ImageTaskRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, size = SIZE_DEFAULT, seed, images, options } = request;
  const body = {
    ...options,
    model: upstreamModel,
    promptText: prompt,
    ratio: size.replace('x', ':'),
    seed,
    referenceImages: images.length === 0 ? undefined : images.map((image) => ({ uri: pictureAddress(image) })),
  };
  return { method: 'POST', path: '/v1/text_to_image', body: JSON.stringify(body) };
}

function refusal({ prompt, seed, options }: ImageTaskRequest): VideoRefusal | undefined {
  if (prompt === '') return { param: 'prompt', message: 'Runway makes no picture without a prompt.' };
  if (prompt.length > PROMPT_UNITS_MAX)
    return { param: 'prompt', message: `The prompt may have at most ${PROMPT_UNITS_MAX} UTF-16 code units.` };
  if (seed !== undefined && (seed < 0 || seed > RUNWAY_SEED_MAX))
    return { param: 'seed', message: `The seed must be from 0 to ${RUNWAY_SEED_MAX}.` };
  return faultOfOptions(options, RUNWAY_OPTIONS);
}
