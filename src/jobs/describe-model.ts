import type { VideoModel, VideoModelPatch } from '../providers/canonical/video.js';
import type { Candidate } from '../routing/candidate.js';

/** For a model that its provider does not know and its operator declares. */
const PLAIN: VideoModel = {
  durations: [5],
  durationDefault: 5,
  resolutions: ['720p'],
  resolutionDefault: '720p',
  aspectRatios: [],
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['url', 'bytes'],
  audio: 'never',
  audioDefault: false,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 2000,
  options: [],
};

/**
 * What a candidate's model can do, by its provider and by its operator; undefined when it is not one for videos.
 * @param patch what the operator says about the model.
 */
export function describeModel(
  { provider, target }: Pick<Candidate, 'provider' | 'target'>,
  patch: VideoModelPatch | undefined,
): VideoModel | undefined {
  if (provider.video === undefined) return undefined;
  const known = provider.video.modelOf(target.upstreamModel);
  if (patch === undefined) return known;
  const model = { ...(known ?? provider.video.genericModel ?? PLAIN), ...patch };
  // A patch that narrows a list need not repeat the default.
  return {
    ...model,
    durationDefault: hasDuration(model, model.durationDefault) ? model.durationDefault : leastDuration(model),
    resolutionDefault: model.resolutions.includes(model.resolutionDefault)
      ? model.resolutionDefault
      : (model.resolutions[0] ?? model.resolutionDefault),
    audioDefault: model.audio === 'optional' ? model.audioDefault : model.audio === 'always',
  };
}

/** Whether a model makes videos of this length. */
export function hasDuration({ durations }: VideoModel, seconds: number): boolean {
  return 'min' in durations
    ? Number.isInteger(seconds) && seconds >= durations.min && seconds <= durations.max
    : durations.includes(seconds);
}

function leastDuration({ durations, durationDefault }: VideoModel): number {
  return 'min' in durations ? durations.min : (durations[0] ?? durationDefault);
}
