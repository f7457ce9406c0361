import type { VideoModel } from './video.js';

/**
 * What an operator says of a model, in place of what its provider's description says. Only what every adapter can follow:
 * that it fits the upstream is for the operator to know.
 */
export type VideoModelPatch = Partial<
  Pick<
    VideoModel,
    | 'durations'
    | 'durationDefault'
    | 'resolutions'
    | 'resolutionDefault'
    | 'aspectRatios'
    | 'image'
    | 'imageForms'
    | 'audio'
    | 'audioDefault'
    | 'hasNegativePrompt'
    | 'hasSeed'
    | 'promptCharsMax'
    | 'options'
    | 'deadlineMinutes'
  >
>;

/** The parts of a video operation that say what a model can do. */
export interface VideoModels {
  modelOf(upstreamModel: string): VideoModel | undefined;
  readonly genericModel?: VideoModel;
}

/**
 * What a model can do, its operator's word included. Defaults that the patch has made impossible move to what is possible.
 * @returns undefined when it is no model for videos.
 */
export function describeVideoModel(
  models: VideoModels,
  upstreamModel: string,
  patch: VideoModelPatch | undefined,
): VideoModel | undefined {
  const known = models.modelOf(upstreamModel) ?? (patch === undefined ? undefined : models.genericModel);
  if (known === undefined || patch === undefined) return known;
  const joined = { ...known, ...patch };
  return {
    ...joined,
    durationDefault: nearest(joined.durations, joined.durationDefault),
    resolutionDefault: joined.resolutions.includes(joined.resolutionDefault)
      ? joined.resolutionDefault
      : (joined.resolutions[0] ?? joined.resolutionDefault),
    audioDefault: joined.audio === 'optional' ? joined.audioDefault : joined.audio === 'always',
  };
}

function nearest(durations: VideoModel['durations'], seconds: number): number {
  if ('min' in durations) return Math.min(Math.max(seconds, durations.min), durations.max);
  return durations.reduce(
    (best, one) => (Math.abs(one - seconds) < Math.abs(best - seconds) ? one : best),
    durations[0] ?? seconds,
  );
}
