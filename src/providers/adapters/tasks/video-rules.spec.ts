import type { VideoRequest } from '../../canonical/video.js';
import {
  allOf,
  followsImage,
  needsFirstFrame,
  needsText,
  needsTextOrImage,
  optionsAre,
  SWITCH,
  seedFrom,
  wordOf,
} from './video-rules.js';

const PICTURE = { kind: 'url', url: 'https://pictures.example/a.png' } as const;
const request = (wanted: Partial<VideoRequest>): VideoRequest => ({
  prompt: 'a cat',
  durationSeconds: 5,
  resolution: '720p',
  hasAudio: false,
  count: 1,
  options: {},
  externalId: 'job_1',
  ...wanted,
});

describe('a rule between options of a video', () => {
  it.each([
    ['text or a picture', needsTextOrImage, { prompt: '' }, 'prompt'],
    ['text, also beside a picture', needsText, { prompt: '', image: PICTURE }, 'prompt'],
    ['a first frame before a last one', needsFirstFrame, { lastFrame: PICTURE }, 'lastFrame'],
    ['no shape but the picture has', followsImage, { image: PICTURE, aspectRatio: '1:1' }, 'aspectRatio'],
    ['no seed below the least', seedFrom(1, 9), { seed: 0 }, 'seed'],
    ['no seed above the most', seedFrom(1, 9), { seed: 10 }, 'seed'],
    ['a switch to be one', optionsAre({ loop: SWITCH }), { options: { loop: 1 } }, 'providerOptions.loop'],
    ['a word to be known', optionsAre({ mode: wordOf('a', 'b') }), { options: { mode: 'c' } }, 'providerOptions.mode'],
  ] as const)('wants %s', (_title, rule, wanted, param) => {
    expect(rule(request(wanted))).toEqual({ param, message: expect.stringMatching(/\.$/) });
  });

  it.each([
    ['a picture without text', needsTextOrImage, { prompt: '', image: PICTURE }],
    ['a last frame without text', needsTextOrImage, { prompt: '', lastFrame: PICTURE }],
    ['both frames', needsFirstFrame, { image: PICTURE, lastFrame: PICTURE }],
    ['the least and the most seed', allOf(seedFrom(1, 9), seedFrom(9, 9)), { seed: 9 }],
    [
      'options of their kinds',
      optionsAre({ loop: SWITCH, mode: wordOf('a') }),
      { options: { loop: false, mode: 'a' } },
    ],
  ] as const)('takes %s', (_title, rule, wanted) => {
    expect(rule(request(wanted))).toBeUndefined();
  });

  it('is asked in the order of the list', () => {
    const both = request({ prompt: '', lastFrame: PICTURE, seed: 0 });
    expect(allOf(seedFrom(1, 9), needsFirstFrame)(both)?.param).toBe('seed');
    expect(allOf(needsFirstFrame, seedFrom(1, 9))(both)?.param).toBe('lastFrame');
  });
});
