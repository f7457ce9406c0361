import type { ImageTaskModel, ImageTaskRequest } from '../../canonical/image-task.js';
import type { TaskCall, VideoRefusal } from '../../canonical/video.js';
import type { ImageTaskOperation, Target } from '../../provider.js';
import { pictureAddress } from '../tasks/picture-address.js';
import { ratioOfSize } from '../tasks/picture-size.js';
import { VIDU_SEED_MAX } from './vidu-models.js';
import { VIDU_TASKS } from './vidu-task.js';

/** Of a size only the shape can be chosen; how large a picture is, and what it costs, is its quality. */
const Q1_RATIOS = ['16:9', '9:16', '1:1', '3:4', '4:3'];
const Q2_RATIOS = [...Q1_RATIOS, '21:9', '2:3', '3:2'];
/** As Vidu writes them. */
const RESOLUTIONS: Readonly<Record<string, string>> = { '1080p': '1080p', '2k': '2K', '4k': '4K' };
const QUALITY_DEFAULT = '1080p';

interface ViduImageModel {
  readonly ratios: readonly string[];
  readonly model: ImageTaskModel;
}

const MODELS: ReadonlyMap<string, ViduImageModel> = new Map([
  ['viduq2', { ratios: Q2_RATIOS, model: modelWith(Q2_RATIOS, { qualities: Object.keys(RESOLUTIONS) }) }],
  ['viduq1', { ratios: Q1_RATIOS, model: modelWith(Q1_RATIOS, { qualities: [QUALITY_DEFAULT], imagesMin: 1 }) }],
]);

/** Pictures by Vidu, of text and of pictures to go by: https://platform.vidu.com/docs/reference-to-image. */
export const viduImages: ImageTaskOperation = {
  modelOf: (name) => MODELS.get(name)?.model,
  ...VIDU_TASKS,
  toSubmit,
};

function modelWith(ratios: readonly string[], own: Pick<ImageTaskModel, 'qualities' | 'imagesMin'>): ImageTaskModel {
  return {
    countMax: 1,
    promptCharsMax: 2_000,
    imagesMax: 7,
    imageForms: ['url', 'bytes'],
    hasNegativePrompt: false,
    hasSeed: true,
    options: [],
    ...own,
    refusal: (request) => refusalOf(request, ratios),
  };
}

function refusalOf({ prompt, size, seed }: ImageTaskRequest, ratios: readonly string[]): VideoRefusal | undefined {
  if (prompt === '') return { param: 'prompt', message: 'Vidu makes no picture without a prompt.' };
  if (size !== undefined && ratioOfSize(size, ratios) === undefined)
    return { param: 'size', message: `This model makes pictures of the shapes ${ratios.join(', ')} only.` };
  // 0 stands for chance.
  return seed !== undefined && (seed < 1 || seed > VIDU_SEED_MAX)
    ? { param: 'seed', message: `The seed must be from 1 to ${VIDU_SEED_MAX}.` }
    : undefined;
}

function toSubmit(request: ImageTaskRequest, { upstreamModel }: Target): TaskCall {
  const { prompt, size, quality = QUALITY_DEFAULT, seed, images, externalId, callbackUrl } = request;
  const { ratios = [] } = MODELS.get(upstreamModel) ?? {};
  const body = {
    model: upstreamModel,
    prompt,
    images: images.length === 0 ? undefined : images.map(pictureAddress),
    aspect_ratio: size === undefined ? undefined : ratioOfSize(size, ratios),
    // Its own default is the same, but what costs money is always named.
    resolution: RESOLUTIONS[quality],
    seed,
    payload: externalId,
    callback_url: callbackUrl,
  };
  return { method: 'POST', path: '/ent/v2/reference2image', body: JSON.stringify(body) };
}
