import type { VideoModel } from '../../canonical/video.js';
import { type HostedInputs, type HostedModel, hostedModel } from '../tasks/hosted-model.js';
import {
  NUMBER,
  needsFirstFrame,
  needsText,
  type OptionKind,
  SWITCH,
  type VideoRule,
  wordOf,
} from '../tasks/video-rules.js';

/** What makes an endpoint safe in a path: owner, application and perhaps more. */
const ENDPOINT = /^[a-z0-9][\w.-]*(?:\/[a-z0-9][\w.-]*){1,7}$/i;

const AS_TEXT = { name: 'duration', form: 'text' } as const;
const AS_NUMBER = { name: 'duration', form: 'number' } as const;
const AS_SECONDS = { name: 'duration', form: 'seconds' } as const;
const RESOLUTION = { name: 'resolution' } as const;

const KLING_RATIOS = ['16:9', '9:16', '1:1'];
const FIVE_RATIOS = ['16:9', '9:16', '4:3', '3:4', '1:1'];
const SEEDANCE_RATIOS = ['21:9', '16:9', '4:3', '1:1', '3:4', '9:16'];
const PIKA_RATIOS = ['16:9', '9:16', '1:1', '4:5', '5:4', '3:2', '2:3'];
const VIDU_RESOLUTIONS = ['360p', '540p', '720p', '1080p'];

const CFG = { cfg_scale: NUMBER };
const VEO_OPTIONS = { auto_fix: SWITCH, safety_tolerance: wordOf('1', '2', '3', '4', '5', '6') };
const SEEDANCE_OPTIONS = { camera_fixed: SWITCH, enable_safety_checker: SWITCH };
const PROMPT_OPTIMIZER = { prompt_optimizer: SWITCH };

/** Kling, of which the picture decides the shape. The `pro` endpoints make 1080p and cannot be asked for anything else. */
function kling(
  inputs: HostedInputs,
  durations: VideoModel['durations'],
  options: Readonly<Record<string, OptionKind>> = CFG,
): HostedModel {
  return hostedModel({
    inputs: { duration: AS_TEXT, negativePrompt: 'negative_prompt', ...inputs },
    durations,
    durationDefault: 5,
    resolutions: ['1080p'],
    aspectRatios: inputs.image === undefined ? KLING_RATIOS : [],
    isImageRequired: true,
    audioDefault: true,
    options,
    rules: [needsText],
  });
}

function veo(inputs: HostedInputs): HostedModel {
  return hostedModel({
    inputs: {
      duration: AS_SECONDS,
      resolution: RESOLUTION,
      aspectRatio: 'aspect_ratio',
      audio: 'generate_audio',
      negativePrompt: 'negative_prompt',
      seed: 'seed',
      ...inputs,
    },
    durations: [4, 6, 8],
    durationDefault: 8,
    resolutions: ['720p', '1080p'],
    aspectRatios: ['16:9', '9:16'],
    isImageRequired: true,
    audioDefault: true,
    options: VEO_OPTIONS,
    rules: [needsText],
  });
}

function seedance(durations: { readonly min: number; readonly max: number }, inputs: HostedInputs): HostedModel {
  return hostedModel({
    inputs: { duration: AS_TEXT, resolution: RESOLUTION, aspectRatio: 'aspect_ratio', seed: 'seed', ...inputs },
    durations,
    durationDefault: 5,
    resolutions: ['480p', '720p', '1080p'],
    resolutionDefault: '720p',
    aspectRatios: SEEDANCE_RATIOS,
    isImageRequired: true,
    audioDefault: true,
    options: SEEDANCE_OPTIONS,
    rules: [needsText],
  });
}

function hailuo(resolutions: readonly string[], inputs: HostedInputs): HostedModel {
  return hostedModel({
    inputs: { duration: AS_TEXT, ...inputs },
    durations: [6, 10],
    durationDefault: 6,
    resolutions,
    isImageRequired: true,
    options: PROMPT_OPTIMIZER,
    rules: [needsText, needsFirstFrame],
  });
}

function vidu(inputs: HostedInputs): HostedModel {
  return hostedModel({
    inputs: { duration: AS_NUMBER, resolution: RESOLUTION, audio: 'audio', seed: 'seed', ...inputs },
    durations: { min: 1, max: 16 },
    durationDefault: 5,
    resolutions: VIDU_RESOLUTIONS,
    resolutionDefault: '720p',
    aspectRatios: inputs.image === undefined ? FIVE_RATIOS : [],
    isImageRequired: true,
    audioDefault: true,
    rules: inputs.image === undefined ? [needsText] : [],
  });
}

function pika(inputs: HostedInputs): HostedModel {
  return hostedModel({
    inputs: { duration: AS_TEXT, resolution: RESOLUTION, negativePrompt: 'negative_prompt', seed: 'seed', ...inputs },
    durations: [5, 10],
    durationDefault: 5,
    resolutions: ['720p', '1080p'],
    aspectRatios: inputs.image === undefined ? PIKA_RATIOS : [],
    isImageRequired: true,
    rules: [needsText],
  });
}

function pixverse(inputs: HostedInputs): HostedModel {
  return hostedModel({
    inputs: { duration: AS_TEXT, resolution: RESOLUTION, negativePrompt: 'negative_prompt', seed: 'seed', ...inputs },
    durations: [5, 8],
    durationDefault: 5,
    resolutions: VIDU_RESOLUTIONS,
    resolutionDefault: '720p',
    aspectRatios: inputs.image === undefined ? FIVE_RATIOS : [],
    isImageRequired: true,
    options: { style: wordOf('anime', '3d_animation', 'clay', 'comic', 'cyberpunk') },
    rules: [needsText, isShortAt1080p],
  });
}

const isShortAt1080p: VideoRule = ({ durationSeconds, resolution }) =>
  durationSeconds > 5 && resolution === '1080p'
    ? { param: 'duration', message: 'At 1080p a video is 5 seconds long.' }
    : undefined;

const TO_SHAPE = { aspectRatio: 'aspect_ratio' } as const;
const FROM_IMAGE = { image: 'image_url' } as const;
const FROM_START = { image: 'start_image_url', lastFrame: 'end_image_url' } as const;
const FROM_IMAGE_TO_END = { image: 'image_url', lastFrame: 'end_image_url' } as const;
const WITH_SOUND = { audio: 'generate_audio' } as const;
const P = ['512p', '768p'];
const P_WORDS = { name: 'resolution', words: { '512p': '512P', '768p': '768P' } } as const;

/**
 * The well-known models, as the endpoint types of fal's own client describe them (https://github.com/fal-ai/fal-js, version 1.10.1,
 * November 2026). Each endpoint is for texts, or for pictures.
 */
const MODELS: ReadonlyMap<string, HostedModel> = new Map([
  ['fal-ai/kling-video/v2.5-turbo/pro/text-to-video', kling(TO_SHAPE, [5, 10])],
  [
    'fal-ai/kling-video/v2.5-turbo/pro/image-to-video',
    kling({ image: 'image_url', lastFrame: 'tail_image_url' }, [5, 10]),
  ],
  ['fal-ai/kling-video/v2.6/pro/text-to-video', kling({ ...TO_SHAPE, ...WITH_SOUND }, [5, 10])],
  ['fal-ai/kling-video/v2.6/pro/image-to-video', kling({ ...FROM_START, ...WITH_SOUND }, [5, 10], {})],
  ['fal-ai/kling-video/v3/pro/text-to-video', kling({ ...TO_SHAPE, ...WITH_SOUND }, { min: 3, max: 15 })],
  ['fal-ai/kling-video/v3/pro/image-to-video', kling({ ...FROM_START, ...WITH_SOUND }, { min: 3, max: 15 })],
  ['fal-ai/veo3.1', veo({})],
  ['fal-ai/veo3.1/fast', veo({})],
  ['fal-ai/veo3.1/image-to-video', veo(FROM_IMAGE)],
  ['fal-ai/veo3.1/fast/image-to-video', veo(FROM_IMAGE)],
  ['fal-ai/bytedance/seedance/v1/pro/text-to-video', seedance({ min: 2, max: 12 }, {})],
  ['fal-ai/bytedance/seedance/v1/pro/image-to-video', seedance({ min: 2, max: 12 }, FROM_IMAGE_TO_END)],
  ['fal-ai/bytedance/seedance/v1.5/pro/text-to-video', seedance({ min: 4, max: 12 }, WITH_SOUND)],
  [
    'fal-ai/bytedance/seedance/v1.5/pro/image-to-video',
    seedance({ min: 4, max: 12 }, { ...FROM_IMAGE_TO_END, ...WITH_SOUND }),
  ],
  ['fal-ai/minimax/hailuo-02/standard/text-to-video', hailuo(['768p'], {})],
  [
    'fal-ai/minimax/hailuo-02/standard/image-to-video',
    hailuo(P.toReversed(), { ...FROM_IMAGE_TO_END, resolution: P_WORDS }),
  ],
  ['fal-ai/minimax/hailuo-2.3/standard/text-to-video', hailuo(['768p'], {})],
  ['fal-ai/vidu/q3/text-to-video', vidu(TO_SHAPE)],
  ['fal-ai/vidu/q3/image-to-video', vidu(FROM_IMAGE_TO_END)],
  ['fal-ai/pixverse/v5/text-to-video', pixverse(TO_SHAPE)],
  ['fal-ai/pixverse/v5/image-to-video', pixverse(FROM_IMAGE)],
  ['fal-ai/pika/v2.2/text-to-video', pika(TO_SHAPE)],
  ['fal-ai/pika/v2.2/image-to-video', pika(FROM_IMAGE)],
]);

/** For endpoints that are not in the table: the names that most have. An endpoint that has no such input passes it over. */
const GENERIC = hostedModel({
  inputs: {
    image: 'image_url',
    lastFrame: 'end_image_url',
    audio: 'generate_audio',
    aspectRatio: 'aspect_ratio',
    negativePrompt: 'negative_prompt',
    seed: 'seed',
    duration: AS_TEXT,
    resolution: RESOLUTION,
  },
  durations: [5],
  durationDefault: 5,
  resolutions: ['720p'],
  rules: [],
});

/** What is assumed of an endpoint that an operator declares. */
export const FAL_GENERIC_MODEL: VideoModel = {
  ...GENERIC.video,
  hasLastFrame: false,
  audio: 'never',
  hasNegativePrompt: false,
  hasSeed: false,
};

/** A model of the table by its endpoint. */
export function falModelOf(endpoint: string): HostedModel | undefined {
  return MODELS.get(endpoint);
}

/** The names of an endpoint's inputs. */
export function falInputsOf(endpoint: string): HostedInputs {
  return (MODELS.get(endpoint) ?? GENERIC).inputs;
}

/** Whether a name can be an endpoint. */
export function isFalEndpoint(name: string): boolean {
  return ENDPOINT.test(name);
}
