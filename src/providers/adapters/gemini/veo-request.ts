import type { MediaInput, VideoModel, VideoRequest } from '../../canonical/video.js';
import { allOf, needsFirstFrame, needsText, optionsAre, seedFrom, wordOf } from '../tasks/video-rules.js';

const UINT32_MAX = 2 ** 32 - 1;
const PEOPLE = wordOf('allow_all', 'allow_adult', 'dont_allow');

/** What every Veo refuses by itself. */
export const veoRule = allOf(
  needsText,
  needsFirstFrame,
  seedFrom(0, UINT32_MAX),
  optionsAre({ personGeneration: PEOPLE }),
);

/** What is the same of all of them: https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/veo-video-generation */
export const VEO: VideoModel = {
  durations: [4, 6, 8],
  durationDefault: 8,
  resolutions: ['720p', '1080p', '4k'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16'],
  image: 'optional',
  hasLastFrame: true,
  // Addresses are not taken, except those of Google's own buckets.
  imageForms: ['bytes'],
  audio: 'always',
  audioDefault: true,
  hasNegativePrompt: true,
  hasSeed: true,
  // More may be asked for, and would make answers that tell the files themselves very large.
  countMax: 1,
  // The limit is 1,024 tokens.
  promptCharsMax: 4_000,
  options: ['personGeneration'],
  refusal: veoRule,
};

/**
 * The body of `predictLongRunning`.
 * @param more parameters that only some surfaces or models know; undefined ones are left out.
 */
export function toVeoBody(request: VideoRequest, more: Readonly<Record<string, unknown>>): string {
  const { prompt, image, lastFrame, durationSeconds, aspectRatio, negativePrompt, seed, options } = request;
  return JSON.stringify({
    instances: [{ prompt, image: toPicture(image), lastFrame: toPicture(lastFrame) }],
    parameters: {
      ...options,
      aspectRatio,
      // A number, unlike at Omni.
      durationSeconds,
      negativePrompt,
      seed,
      sampleCount: 1,
      ...more,
    },
  });
}

function toPicture(input: MediaInput | undefined): object | undefined {
  return input?.kind === 'bytes' ? { bytesBase64Encoded: input.base64, mimeType: input.contentType } : undefined;
}
