import { type HostedImageInputs, type HostedImageModel, hostedImageModel } from '../tasks/hosted-image.js';
import { NUMBER, SWITCH, wordOf } from '../tasks/video-rules.js';

const FOUR = { name: 'num_images', max: 4 } as const;
const SIX = { name: 'num_images', max: 6 } as const;
const RATIOS = ['21:9', '16:9', '4:3', '3:2', '1:1', '2:3', '3:4', '9:16', '9:21'];
const BANANA_RATIOS = ['21:9', '16:9', '3:2', '4:3', '5:4', '1:1', '4:5', '3:4', '2:3', '9:16'];
/** Several models are billed by the megapixel: none of their sides may be longer. */
const PIXELS = { by: 'pixels', name: 'image_size', min: 256, max: 2_048 } as const;
const PRO_PIXELS = { ...PIXELS, max: 1_440 } as const;
const SEEDREAM_PIXELS = { ...PIXELS, min: 1_024, max: 4_096 } as const;
const BY_RATIO = { by: 'ratio', name: 'aspect_ratio', ratios: RATIOS } as const;
const BY_BANANA_RATIO = { ...BY_RATIO, ratios: BANANA_RATIOS } as const;

const FORMAT = { output_format: wordOf('jpeg', 'png') };
const TOLERANCE = { safety_tolerance: wordOf('1', '2', '3', '4', '5', '6') };
const FLUX = {
  ...FORMAT,
  num_inference_steps: NUMBER,
  guidance_scale: NUMBER,
  enable_safety_checker: SWITCH,
  acceleration: wordOf('none', 'regular', 'high'),
};
const PRO = { ...FORMAT, ...TOLERANCE, enhance_prompt: SWITCH };
const SEEDREAM = { enable_safety_checker: SWITCH, enhance_prompt_mode: wordOf('standard', 'fast') };
const BANANA = { ...TOLERANCE, output_format: wordOf('jpeg', 'png', 'webp') };

/** The well-known models of pictures, by the endpoint types of fal's own client; see `fal-models.ts`. */
const MODELS: ReadonlyMap<string, HostedImageModel> = new Map([
  ['fal-ai/flux/dev', hostedImageModel({ count: FOUR, size: PIXELS, seed: 'seed' }, FLUX)],
  ['fal-ai/flux/schnell', hostedImageModel({ count: FOUR, size: PIXELS, seed: 'seed' }, FLUX)],
  ['fal-ai/flux-pro/v1.1', hostedImageModel({ count: FOUR, size: PRO_PIXELS, seed: 'seed' }, PRO)],
  [
    'fal-ai/flux-pro/v1.1-ultra',
    hostedImageModel({ count: FOUR, size: BY_RATIO, seed: 'seed' }, { ...PRO, raw: SWITCH }),
  ],
  [
    'fal-ai/flux-pro/kontext',
    hostedImageModel({ count: FOUR, size: BY_RATIO, seed: 'seed', images: one('image_url') }, PRO),
  ],
  [
    'fal-ai/qwen-image',
    hostedImageModel({ count: FOUR, size: PIXELS, seed: 'seed', negativePrompt: 'negative_prompt' }, FLUX),
  ],
  [
    'fal-ai/bytedance/seedream/v4/text-to-image',
    hostedImageModel({ count: SIX, size: SEEDREAM_PIXELS, seed: 'seed' }, SEEDREAM),
  ],
  [
    'fal-ai/bytedance/seedream/v4/edit',
    hostedImageModel({ count: SIX, size: SEEDREAM_PIXELS, seed: 'seed', images: list('image_urls') }, SEEDREAM),
  ],
  ['fal-ai/nano-banana', hostedImageModel({ count: FOUR, size: BY_BANANA_RATIO, seed: 'seed' }, BANANA)],
  [
    'fal-ai/nano-banana/edit',
    hostedImageModel({ count: FOUR, size: BY_BANANA_RATIO, seed: 'seed', images: list('image_urls') }, BANANA),
  ],
]);

function one(name: string): NonNullable<HostedImageInputs['images']> {
  return { name, form: 'one', min: 1, max: 1 };
}

function list(name: string): NonNullable<HostedImageInputs['images']> {
  return { name, form: 'list', min: 1, max: 10 };
}

/** A model of pictures by its endpoint. */
export function falImageModelOf(endpoint: string): HostedImageModel | undefined {
  return MODELS.get(endpoint);
}
