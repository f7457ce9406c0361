import { placeOf } from './check-config-schema.js';
import type { ConfigDocument, ConfigPath } from './config-document.js';
import type { HubConfigVideo } from './hub-config.js';

/** What the schema cannot say of a model's videos: that its defaults are among what it can do. */
export function checkVideo(document: ConfigDocument, path: ConfigPath, video: HubConfigVideo): void {
  const refuse = (name: string, text: string): void => {
    document.refuse([...path, name], `${placeOf([...path, name])} ${text}`);
  };
  const { durations, durationDefault, resolutions, resolutionDefault, audio, audioDefault } = video;
  if (durations !== undefined && 'min' in durations && durations.min > durations.max) {
    refuse('durations', 'has a min above its max');
  }
  if (durations !== undefined && durationDefault !== undefined && !hasLength(durations, durationDefault)) {
    refuse('durationDefault', 'is none of its durations');
  }
  if (resolutionDefault !== undefined && resolutions?.includes(resolutionDefault) === false) {
    refuse('resolutionDefault', 'is none of its resolutions');
  }
  if (
    audio !== undefined &&
    audio !== 'optional' &&
    audioDefault !== undefined &&
    audioDefault !== (audio === 'always')
  ) {
    refuse('audioDefault', `cannot be ${audioDefault}: its videos have sound ${audio}`);
  }
}

function hasLength(durations: NonNullable<HubConfigVideo['durations']>, seconds: number): boolean {
  return 'min' in durations ? seconds >= durations.min && seconds <= durations.max : durations.includes(seconds);
}
