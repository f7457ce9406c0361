import type { VideoModel } from '../../canonical/video.js';

/**
 * Words of a name by which a server says that a model makes videos. As words: `wan2.6-t2v` is one, `swanlab` is not.
 */
const VIDEO_WORDS =
  /(?:^|[^a-z])(?:sora|veo|video|t2v|i2v|kling|wanx?|seedance|hailuo|viduq?|pixverse|cogvideox|hunyuanvideo|ltxv)(?![a-z])/;
/** Models that watch videos, or that make something else, under a name with one of these words. */
const OTHER_WORDS =
  /(?:^|[^a-z])(?:t2i|i2i|tts|asr|vl|vlm|llava|llama|qwen|chat|instruct|embed|embedding|caption|understanding)(?![a-z])/;

/** What is assumed of a model whose server does not say: common values, so that little is refused by the server. */
export const GENERIC_VIDEO_MODEL: VideoModel = {
  durations: { min: 1, max: 15 },
  durationDefault: 5,
  resolutions: ['480p', '720p', '1080p'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16', '1:1'],
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 5_000,
  options: [],
};

const SORA: VideoModel = {
  ...GENERIC_VIDEO_MODEL,
  durations: [4, 8, 12],
  durationDefault: 4,
  resolutions: ['720p'],
  aspectRatios: ['16:9', '9:16'],
  audio: 'always',
  audioDefault: true,
};

const SORA_PRO: VideoModel = { ...SORA, resolutions: ['720p', '1024p', '1080p'] };

const VEO: VideoModel = {
  ...SORA,
  durations: [4, 6, 8],
  durationDefault: 8,
  resolutions: ['720p', '1080p'],
};

/** Sora at OpenAI, which closed the service on 2026-09-24; servers that offer the same format still use the names. */
export function soraModelOf(name: string): VideoModel | undefined {
  if (!/^sora-\d/.test(name)) return undefined;
  return /-pro(?:-|$)/.test(name) ? SORA_PRO : SORA;
}

/** What a model of any server of this format can do, as far as its name tells; undefined when it names no videos. */
export function compatibleVideoModelOf(name: string): VideoModel | undefined {
  // `vendor/model` as aggregators write it.
  const own = name.toLowerCase().split('/').at(-1) ?? '';
  if (!VIDEO_WORDS.test(own) || OTHER_WORDS.test(own)) return undefined;
  const isOfVideo = /video|[^a-z][ti]2v/.test(own);
  if (/(?:^|[^a-z])images?(?![a-z])/.test(own) && !isOfVideo) return undefined;
  const sora = soraModelOf(own);
  if (sora !== undefined) return sora;
  const base = /(?:^|[^a-z])veo(?![a-z])/.test(own) ? VEO : GENERIC_VIDEO_MODEL;
  if (/(?:^|[^a-z])t2v(?![a-z])/.test(own)) return { ...base, image: 'none', imageForms: [] };
  return /(?:^|[^a-z])i2v(?![a-z])/.test(own) ? { ...base, image: 'required' } : base;
}
