import { describe, expect, it } from '@jest/globals';
import { fromVideoSize, toVideoSize } from './video-size.js';

describe('toVideoSize', () => {
  it.each([
    ['720p', '16:9', 1280, 720],
    ['720p', '9:16', 720, 1280],
    ['480p', '16:9', 854, 480],
    ['1080p', '1:1', 1080, 1080],
    ['4k', '16:9', 3840, 2160],
    ['720p', '21:9', 1680, 720],
  ])('makes %s at %s %i by %i', (resolution, ratio, width, height) => {
    expect(toVideoSize(resolution, ratio)).toEqual({ width, height });
  });

  it.each([
    ['hd', '16:9'],
    ['720p', 'adaptive'],
    ['720', '16:9'],
    ['720p', '0:9'],
  ])('does not guess what %s at %s means', (resolution, ratio) => {
    expect(toVideoSize(resolution, ratio)).toBeUndefined();
  });
});

describe('fromVideoSize', () => {
  it.each([
    ['1280x720', '720p', '16:9'],
    ['720*1280', '720p', '9:16'],
    ['832*480', '480p', '16:9'],
    ['1792x1024', '1024p', '16:9'],
    ['960*960', '960p', '1:1'],
    ['1000x100', '100p', undefined],
  ])('calls %s %s at %s', (size, resolution, aspectRatio) => {
    expect(fromVideoSize(size)).toEqual({ resolution, aspectRatio });
  });

  it('does not read what is no size', () => {
    expect(fromVideoSize('auto')).toBeUndefined();
    expect(fromVideoSize('0x720')).toBeUndefined();
  });
});
