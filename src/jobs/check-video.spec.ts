import { describe, expect, it } from '@jest/globals';
import type { VideoModel } from '../providers/canonical/video.js';
import { checkVideo, toVideoRequest } from './check-video.js';
import type { JobRequest } from './job.js';

const MODEL: VideoModel = {
  durations: [5, 10],
  durationDefault: 5,
  resolutions: ['720p', '1080p'],
  resolutionDefault: '720p',
  aspectRatios: ['16:9', '9:16'],
  image: 'optional',
  hasLastFrame: true,
  imageForms: ['url', 'bytes'],
  audio: 'optional',
  audioDefault: false,
  hasNegativePrompt: true,
  hasSeed: true,
  countMax: 2,
  promptCharsMax: 10,
  options: ['mode', 'watermark'],
};
const ASK: JobRequest = { prompt: 'a cat', count: 1 };
const URL_INPUT = { kind: 'url', url: 'https://example.com/a.png' } as const;
const STORED = { kind: 'stored', name: 'image' } as const;

function check(request: Partial<JobRequest>, model: Partial<VideoModel> = {}) {
  return checkVideo({ ...ASK, ...request }, { ...MODEL, ...model }, 'the model "film"');
}

describe('a model takes', () => {
  it.each<[string, Partial<JobRequest>, Partial<VideoModel>]>([
    ['text alone', {}, {}],
    ['a prompt of as many characters as it may have, emoji counted once', { prompt: '🐈'.repeat(10) }, {}],
    ['each length it lists', { durationSeconds: 10 }, {}],
    ['each length between the least and the most', { durationSeconds: 7 }, { durations: { min: 5, max: 10 } }],
    ['a picture at an address', { image: URL_INPUT }, { imageForms: ['url'] }],
    ['a picture that was sent along', { image: STORED }, { imageForms: ['bytes'] }],
    ['the picture that it needs', { image: URL_INPUT }, { image: 'required' }],
    ['a last frame', { image: URL_INPUT, lastFrame: URL_INPUT }, {}],
    ['silence, where sound is a choice', { hasAudio: false }, {}],
    ['sound, where there always is some', { hasAudio: true }, { audio: 'always', audioDefault: true }],
    ['silence, where there is never any', { hasAudio: false }, { audio: 'never' }],
    [
      'all that it knows at once',
      { negativePrompt: 'dogs', seed: 0, count: 2, aspectRatio: '9:16', options: { mode: 'pro' } },
      {},
    ],
  ])('%s', (_name, request, model) => {
    expect(check(request, model)).toMatchObject({ isAble: true });
  });
});

describe('a model refuses by its name', () => {
  it.each<[string, Partial<JobRequest>, Partial<VideoModel>, RegExp]>([
    ['prompt', { prompt: 'eleven chars' }, {}, /12 characters.*at most 10/],
    ['image', {}, { image: 'required' }, /needs an "image"/],
    ['image', { image: URL_INPUT }, { image: 'none' }, /takes no "image"/],
    ['image', { image: URL_INPUT }, { imageForms: ['bytes'] }, /data URI only/],
    ['image', { image: STORED }, { imageForms: ['url'] }, /URL only/],
    ['lastFrame', { lastFrame: URL_INPUT }, { hasLastFrame: false }, /takes no "lastFrame"/],
    ['lastFrame', { lastFrame: URL_INPUT }, { imageForms: ['bytes'] }, /"lastFrame" as a data URI/],
    ['duration', { durationSeconds: 7 }, {}, /must be 5 or 10 seconds/],
    ['duration', { durationSeconds: 11 }, { durations: { min: 5, max: 10 } }, /must be 5 to 10 seconds/],
    ['duration', { durationSeconds: 5.5 }, { durations: { min: 5, max: 10 } }, /must be 5 to 10 seconds/],
    ['resolution', { resolution: '4k' }, {}, /must be 720p or 1080p/],
    ['resolution', { resolution: '4k' }, { resolutions: ['720p'] }, /must be 720p\./],
    ['aspectRatio', { aspectRatio: '1:1' }, {}, /must be 16:9 or 9:16/],
    ['aspectRatio', { aspectRatio: '1:1' }, { aspectRatios: [] }, /cannot be chosen/],
    ['audio', { hasAudio: true }, { audio: 'never' }, /makes no sound/],
    ['audio', { hasAudio: false }, { audio: 'always' }, /always makes sound/],
    ['negativePrompt', { negativePrompt: '' }, { hasNegativePrompt: false }, /takes no "negativePrompt"/],
    ['seed', { seed: 0 }, { hasSeed: false }, /takes no "seed"/],
    ['n', { count: 3 }, {}, /at most 2/],
    ['providerOptions.fps', { options: { mode: 'pro', fps: 24 } }, {}, /no option "fps"\. It has mode, watermark/],
    ['providerOptions.constructor', { options: { constructor: 1 } }, { options: [] }, /It has none/],
  ])('%s', (param, request, model, message) => {
    const result = check(request, model);
    expect(result).toMatchObject({ isAble: false, refusal: { param } });
    expect(result.isAble ? '' : result.refusal.message).toMatch(message);
  });

  it('an option with an endless name, without repeating all of it', () => {
    const result = check({ options: { ['x'.repeat(10_000)]: 1 } });
    expect(result).toMatchObject({ refusal: { param: `providerOptions.${'x'.repeat(64)}` } });
  });

  it('what its own rule between options forbids, by the terms that would be sent', () => {
    const refusal: VideoModel['refusal'] = ({ durationSeconds, resolution }) =>
      durationSeconds === 10 && resolution === '1080p'
        ? { param: 'duration', message: '10 s only up to 720p' }
        : undefined;
    expect(check({ durationSeconds: 10 }, { refusal })).toMatchObject({ isAble: true });
    expect(check({ durationSeconds: 10 }, { refusal, resolutionDefault: '1080p' })).toMatchObject({
      refusal: { param: 'duration' },
    });
  });
});

describe('everything that costs money is named', () => {
  it('by the model where the caller says nothing', () => {
    expect(check({}, { audioDefault: true })).toEqual({
      isAble: true,
      terms: { durationSeconds: 5, resolution: '720p', hasAudio: true },
    });
  });

  it('by the caller, also with no', () => {
    const asked = { durationSeconds: 10, resolution: '1080p', hasAudio: false };
    expect(check(asked, { audioDefault: true })).toEqual({ isAble: true, terms: asked });
  });
});

describe('toVideoRequest', () => {
  const terms = { durationSeconds: 5, resolution: '720p', hasAudio: false };

  it('puts pictures that were sent along in their places', () => {
    const pictures = new Map([['image', { contentType: 'image/jpeg', base64: 'AAAA' }]]);
    const request = { ...ASK, image: STORED, lastFrame: URL_INPUT };
    expect(toVideoRequest(request, terms, { externalId: 'job_1', pictures })).toMatchObject({
      ...terms,
      prompt: 'a cat',
      image: { kind: 'bytes', contentType: 'image/jpeg', base64: 'AAAA' },
      lastFrame: URL_INPUT,
      externalId: 'job_1',
      options: {},
    });
  });

  it('says the same twice and leaves what it was given as it was', () => {
    const request = Object.freeze({ ...ASK, options: Object.freeze({ mode: 'pro' }) });
    const extras = { externalId: 'job_1', pictures: new Map() };
    expect(toVideoRequest(request, terms, extras)).toEqual(toVideoRequest(request, terms, extras));
  });
});
