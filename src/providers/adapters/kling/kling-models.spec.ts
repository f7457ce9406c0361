import { klingModelOf } from './kling-models.js';

describe('what the models of Kling can do', () => {
  it.each([
    ['kling-v1', 'classic', '5,10', '720p,1080p', 'optional', true, 'never', 'url,bytes'],
    ['kling-v1-5', 'classic', '5,10', '720p,1080p', 'required', true, 'never', 'url,bytes'],
    ['kling-v1-6', 'classic', '5,10', '720p,1080p', 'optional', true, 'never', 'url,bytes'],
    ['kling-v2-master', 'classic', '5,10', '720p', 'optional', false, 'never', 'url,bytes'],
    ['kling-v2-1', 'classic', '5,10', '720p,1080p', 'required', true, 'never', 'url,bytes'],
    ['kling-v2-1-master', 'classic', '5,10', '1080p', 'optional', false, 'never', 'url,bytes'],
    ['kling-v2-5-turbo', 'classic', '5,10', '720p,1080p', 'optional', true, 'never', 'url,bytes'],
    ['kling-v2-6', 'classic', '5,10', '720p,1080p', 'optional', true, 'optional', 'url,bytes'],
    ['kling-v3', 'classic', '3-15', '720p,1080p,4k', 'optional', true, 'optional', 'url,bytes'],
    ['kling-v3-omni', 'classic-omni', '3-15', '720p,1080p,4k', 'optional', true, 'optional', 'url,bytes'],
    ['kling-video-o1', 'classic-omni', '5,10', '720p,1080p', 'optional', true, 'never', 'url,bytes'],
    ['kling-3.0', 'three', '3-15', '720p,1080p,4k', 'optional', true, 'optional', 'url'],
    ['kling-3.0-turbo', 'three', '3-15', '720p,1080p', 'optional', false, 'always', 'url'],
    ['kling-3.0-omni', 'three-omni', '3-15', '720p,1080p,4k', 'optional', true, 'optional', 'url'],
    // Newer than the table: what all of them can do.
    ['kling-v4', 'classic', '5', '720p', 'optional', false, 'never', 'url'],
    ['kling-v4-omni', 'classic-omni', '5', '720p', 'optional', false, 'never', 'url'],
    ['kling-4.0', 'three', '5', '720p', 'optional', false, 'never', 'url'],
    ['kling-4.0-omni', 'three-omni', '5', '720p', 'optional', false, 'never', 'url'],
    ['kling-o1', 'three-omni', '5', '720p', 'optional', false, 'never', 'url'],
  ])('%s', (name, api, durations, resolutions, image, hasLastFrame, audio, forms) => {
    const model = klingModelOf(name);
    const { durations: lengths = [] } = model?.video ?? {};
    expect(model?.api).toBe(api);
    expect('min' in lengths ? `${lengths.min}-${lengths.max}` : lengths.join()).toBe(durations);
    expect(model?.video.resolutions.join()).toBe(resolutions);
    expect(model?.video).toMatchObject({ image, hasLastFrame, audio });
    expect(model?.video.imageForms.join()).toBe(forms);
  });

  it.each([
    ['kling-v1', 2_500, true],
    ['kling-v3-omni', 2_500, false],
    ['kling-3.0', 3_072, false],
    ['kling-v4', 2_500, false],
  ])('%s takes %s characters of text; what it shall not show: %s', (name, promptCharsMax, hasNegativePrompt) => {
    expect(klingModelOf(name)?.video).toMatchObject({ promptCharsMax, hasNegativePrompt });
  });

  it.each(['kling-image-o1', 'kling-v2/../../account', 'kling-', 'kling-V3', 'notkling-v1', `kling-${'9'.repeat(80)}`])(
    'makes no video model of the name %s',
    (name) => {
      expect(klingModelOf(name)).toBeUndefined();
    },
  );
});
