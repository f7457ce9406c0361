import { describe, expect, it } from '@jest/globals';
import type { VideoModel } from './video.js';
import { describeVideoModel } from './video-model-patch.js';

const model: VideoModel = {
  durations: [5, 10],
  durationDefault: 5,
  resolutions: ['720p', '1080p'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9'],
  image: 'optional',
  hasLastFrame: false,
  imageForms: ['url'],
  audio: 'optional',
  audioDefault: true,
  hasNegativePrompt: false,
  hasSeed: false,
  countMax: 1,
  promptCharsMax: 100,
  options: [],
};
const models = { modelOf: (name: string) => (name === 'known' ? model : undefined), genericModel: model };

describe('describeVideoModel', () => {
  it('leaves a model alone that nobody says anything about', () => {
    expect(describeVideoModel(models, 'known', undefined)).toBe(model);
    expect(describeVideoModel(models, 'unknown', undefined)).toBeUndefined();
  });

  it('takes the operator at their word, also for a name that says nothing', () => {
    expect(describeVideoModel(models, 'unknown', { image: 'none' })).toEqual({ ...model, image: 'none' });
    expect(describeVideoModel({ modelOf: () => undefined }, 'unknown', { image: 'none' })).toBeUndefined();
  });

  it('moves a default that is no longer possible to one that is', () => {
    const patch = { durations: [8, 12], resolutions: ['480p'], audio: 'never' } as const;
    expect(describeVideoModel(models, 'known', patch)).toMatchObject({
      durationDefault: 8,
      resolutionDefault: '480p',
      audioDefault: false,
    });
    expect(describeVideoModel(models, 'known', { durations: { min: 6, max: 9 } })?.durationDefault).toBe(6);
    expect(describeVideoModel(models, 'known', { audio: 'always' })?.audioDefault).toBe(true);
  });

  it('keeps a default that the patch names', () => {
    expect(describeVideoModel(models, 'known', { durations: [5, 8], durationDefault: 8 })?.durationDefault).toBe(8);
  });
});
