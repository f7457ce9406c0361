import type { VideoModel } from '../../canonical/video.js';
import { type HostedInputs, type HostedModel, hostedModel } from '../tasks/hosted-model.js';
import {
  followsImage,
  NUMBER,
  needsFirstFrame,
  needsText,
  type OptionKind,
  SWITCH,
  type VideoRule,
} from '../tasks/video-rules.js';

/** `owner/name`, and perhaps the version of it that shall run. */
const NAME = /^([a-z0-9][\w.-]*\/[a-z0-9][\w.-]*)(?::([0-9a-f]{64}))?$/i;

const DURATION = { name: 'duration', form: 'number' } as const;
const RESOLUTION = { name: 'resolution' } as const;
const LINES = ['480p', '720p', '1080p'];
const KLING_RATIOS = ['16:9', '9:16', '1:1'];
const SEEDANCE_RATIOS = ['16:9', '4:3', '1:1', '3:4', '9:16', '21:9', '9:21'];
const OPTIMIZER = { prompt_optimizer: SWITCH };
const EXPANSION = { enable_prompt_expansion: SWITCH };
const WAN_SIZES = {
  '480p': { '16:9': '832*480', '9:16': '480*832' },
  '720p': { '16:9': '1280*720', '9:16': '720*1280' },
  '1080p': { '16:9': '1920*1080', '9:16': '1080*1920' },
};

const isShortAt1080p: VideoRule = ({ durationSeconds, resolution }) =>
  durationSeconds > 6 && resolution === '1080p'
    ? { param: 'duration', message: 'At 1080p a video is 6 seconds long; 10 seconds go up to 768p.' }
    : undefined;

/** The `pro` models, which make 1080p and cannot be asked for anything else. */
function kling(inputs: HostedInputs, options: Readonly<Record<string, OptionKind>> = {}): HostedModel {
  return hostedModel({
    inputs: {
      image: 'start_image',
      aspectRatio: 'aspect_ratio',
      negativePrompt: 'negative_prompt',
      duration: DURATION,
      ...inputs,
    },
    durations: [5, 10],
    durationDefault: 5,
    resolutions: ['1080p'],
    aspectRatios: KLING_RATIOS,
    audioDefault: true,
    options,
    rules: [needsText, followsImage],
  });
}

function seedance(resolutions: readonly string[], inputs: HostedInputs): HostedModel {
  return hostedModel({
    inputs: {
      image: 'image',
      lastFrame: 'last_frame_image',
      aspectRatio: 'aspect_ratio',
      seed: 'seed',
      duration: DURATION,
      ...inputs,
    },
    durations: { min: 2, max: 12 },
    durationDefault: 5,
    resolutions,
    resolutionDefault: '720p',
    aspectRatios: SEEDANCE_RATIOS,
    options: { camera_fixed: SWITCH },
    rules: [needsText, needsFirstFrame, followsImage],
  });
}

const VEO = hostedModel({
  inputs: {
    image: 'image',
    lastFrame: 'last_frame',
    aspectRatio: 'aspect_ratio',
    negativePrompt: 'negative_prompt',
    seed: 'seed',
    audio: 'generate_audio',
    duration: DURATION,
    resolution: RESOLUTION,
  },
  durations: [4, 6, 8],
  durationDefault: 8,
  resolutions: ['720p', '1080p'],
  aspectRatios: ['16:9', '9:16'],
  audioDefault: true,
  rules: [needsText, needsFirstFrame],
});

function wan(inputs: HostedInputs, aspectRatios: readonly string[]): HostedModel {
  return hostedModel({
    inputs: { negativePrompt: 'negative_prompt', seed: 'seed', duration: DURATION, ...inputs },
    durations: [5, 10],
    durationDefault: 5,
    resolutions: LINES,
    resolutionDefault: '720p',
    aspectRatios,
    isImageRequired: true,
    // Both models sing and speak whether or not they are given a recording.
    hasAlwaysAudio: true,
    options: EXPANSION,
    rules: [needsText],
  });
}

/** The well-known models, as their pages describe them, such as https://replicate.com/google/veo-3.1/api; November 2026. */
const MODELS: ReadonlyMap<string, HostedModel> = new Map([
  ['kwaivgi/kling-v2.5-turbo-pro', kling({}, { guidance_scale: NUMBER })],
  ['kwaivgi/kling-v2.6', kling({ audio: 'generate_audio' })],
  ['google/veo-3.1', VEO],
  ['google/veo-3.1-fast', VEO],
  ['bytedance/seedance-1-pro', seedance(LINES, { resolution: RESOLUTION })],
  ['bytedance/seedance-1-lite', seedance(LINES, { resolution: RESOLUTION })],
  ['bytedance/seedance-1.5-pro', seedance(['720p'], { audio: 'generate_audio' })],
  [
    'minimax/video-01',
    hostedModel({
      inputs: { image: 'first_frame_image' },
      durations: [6],
      durationDefault: 6,
      resolutions: ['720p'],
      options: OPTIMIZER,
      rules: [needsText],
    }),
  ],
  [
    'minimax/hailuo-02',
    hostedModel({
      inputs: {
        image: 'first_frame_image',
        lastFrame: 'last_frame_image',
        duration: DURATION,
        resolution: RESOLUTION,
      },
      durations: [6, 10],
      durationDefault: 6,
      resolutions: ['768p', '1080p'],
      options: OPTIMIZER,
      rules: [needsText, needsFirstFrame, isShortAt1080p],
    }),
  ],
  [
    'minimax/hailuo-02-fast',
    hostedModel({
      inputs: { image: 'first_frame_image', duration: DURATION },
      durations: [6, 10],
      durationDefault: 6,
      resolutions: ['512p'],
      isImageRequired: true,
      options: OPTIMIZER,
      rules: [needsText],
    }),
  ],
  ['wan-video/wan-2.5-t2v', wan({ size: { name: 'size', sizes: WAN_SIZES } }, ['16:9', '9:16'])],
  ['wan-video/wan-2.5-i2v', wan({ image: 'image', resolution: RESOLUTION }, [])],
]);

/** For models that are not in the table: the names that most have. A model that has no such input passes it over. */
const GENERIC = hostedModel({
  inputs: {
    image: 'image',
    lastFrame: 'last_frame_image',
    audio: 'generate_audio',
    aspectRatio: 'aspect_ratio',
    negativePrompt: 'negative_prompt',
    seed: 'seed',
    duration: DURATION,
    resolution: RESOLUTION,
  },
  durations: [5],
  durationDefault: 5,
  resolutions: ['720p'],
});

/** What is assumed of a model that an operator declares. */
export const REPLICATE_GENERIC_MODEL: VideoModel = {
  ...GENERIC.video,
  hasLastFrame: false,
  audio: 'never',
  hasNegativePrompt: false,
  hasSeed: false,
};

/** A name taken apart; undefined where it is none. */
export function readReplicateName(
  name: string,
): { readonly model: string; readonly version: string | undefined } | undefined {
  const [, model, version] = NAME.exec(name) ?? [];
  return model === undefined ? undefined : { model, version };
}

/** A model of the table, whichever version of it. */
export function replicateModelOf(name: string): HostedModel | undefined {
  return MODELS.get(readReplicateName(name)?.model ?? '');
}

/** The names of a model's inputs. */
export function replicateInputsOf(name: string): HostedInputs {
  return (replicateModelOf(name) ?? GENERIC).inputs;
}
