import { type HostedImageInputs, type HostedImageModel, hostedImageModel } from '../tasks/hosted-image.js';
import { NUMBER, SWITCH, wordOf } from '../tasks/video-rules.js';
import { readReplicateName } from './replicate-models.js';

const FOUR = { name: 'num_outputs', max: 4 } as const;
const RATIOS = ['1:1', '16:9', '21:9', '3:2', '2:3', '4:5', '5:4', '3:4', '4:3', '9:16', '9:21'];
const FIVE_RATIOS = ['1:1', '9:16', '16:9', '3:4', '4:3'];
const PRO_RATIOS = ['1:1', '16:9', '3:2', '2:3', '4:5', '5:4', '9:16', '3:4', '4:3'];
const RECRAFT_SIZES = ['1024x1024', '1365x1024', '1024x1365', '1536x1024', '1024x1536', '1820x1024', '1024x1820'];

const FORMAT = { output_format: wordOf('webp', 'jpg', 'png'), output_quality: NUMBER };
const FLUX = { ...FORMAT, num_inference_steps: NUMBER, go_fast: SWITCH, disable_safety_checker: SWITCH };
const TOLERANCE = { safety_tolerance: wordOf(1, 2, 3, 4, 5, 6) };

function byRatio(ratios: readonly string[]): HostedImageInputs['size'] {
  return { by: 'ratio', name: 'aspect_ratio', ratios };
}

/** The well-known models of pictures, as their pages describe them, such as https://replicate.com/black-forest-labs/flux-schnell/api. */
const MODELS: ReadonlyMap<string, HostedImageModel> = new Map([
  ['black-forest-labs/flux-schnell', hostedImageModel({ count: FOUR, size: byRatio(RATIOS), seed: 'seed' }, FLUX)],
  [
    'black-forest-labs/flux-dev',
    hostedImageModel(
      {
        count: FOUR,
        size: byRatio(RATIOS),
        seed: 'seed',
        images: { name: 'image', form: 'one', min: 0, max: 1 },
      },
      { ...FLUX, guidance: NUMBER, prompt_strength: NUMBER },
    ),
  ],
  [
    'black-forest-labs/flux-1.1-pro',
    hostedImageModel(
      {
        size: byRatio(PRO_RATIOS),
        seed: 'seed',
        images: { name: 'image_prompt', form: 'one', min: 0, max: 1 },
      },
      { ...FORMAT, ...TOLERANCE, prompt_upsampling: SWITCH },
    ),
  ],
  [
    'black-forest-labs/flux-kontext-pro',
    hostedImageModel(
      {
        size: byRatio(RATIOS),
        seed: 'seed',
        images: { name: 'input_image', form: 'one', min: 0, max: 1 },
      },
      { output_format: wordOf('jpg', 'png'), ...TOLERANCE },
    ),
  ],
  [
    'google/imagen-4',
    hostedImageModel(
      { size: byRatio(FIVE_RATIOS) },
      {
        output_format: wordOf('jpg', 'png'),
        safety_filter_level: wordOf('block_low_and_above', 'block_medium_and_above', 'block_only_high'),
      },
    ),
  ],
  [
    'recraft-ai/recraft-v3',
    hostedImageModel(
      { size: { by: 'word', name: 'size', words: RECRAFT_SIZES } },
      { style: wordOf('any', 'realistic_image', 'digital_illustration') },
    ),
  ],
]);

/** A model of pictures, whichever version of it. */
export function replicateImageModelOf(name: string): HostedImageModel | undefined {
  return MODELS.get(readReplicateName(name)?.model ?? '');
}
