import type { VideoRequest } from '../../canonical/video.js';
import { arkTokensOf } from './ark-tokens.js';

const tokens = (resolution: string, aspectRatio: string | undefined, durationSeconds: number): number => {
  const rest = { prompt: '', hasAudio: false, count: 1, options: {}, externalId: 'job_1' };
  const request: VideoRequest = { ...rest, resolution, aspectRatio, durationSeconds };
  return arkTokensOf(request);
};

describe('the tokens of a video at Ark', () => {
  it('are those of the recorded task', () => {
    expect(tokens('720p', '16:9', 5)).toBe(108_900);
  });

  it.each([
    ['480p', '16:9', 50_639],
    ['480p', '1:1', 48_400],
    ['720p', '4:3', 109_587],
    ['720p', '21:9', 109_432],
    ['1080p', '16:9', 245_025],
  ])('go by the size of the frame: %s, %s', (resolution, ratio, expected) => {
    expect(tokens(resolution, ratio, 5)).toBe(expected);
  });

  it('are as many on end', () => {
    expect(tokens('720p', '9:16', 5)).toBe(tokens('720p', '16:9', 5));
    expect(tokens('1080p', '3:4', 5)).toBe(tokens('1080p', '4:3', 5));
  });

  it.each([undefined, 'adaptive', '5:4', 'constructor'])('are the most that they can be for the ratio %s', (ratio) => {
    expect(tokens('720p', ratio, 5)).toBe(109_587);
    expect(tokens('1080p', ratio, 5)).toBe(tokens('1080p', '21:9', 5));
  });

  it.each(['4k', 'constructor', ''])('are those of the largest frame for the resolution "%s"', (resolution) => {
    expect(tokens(resolution, '16:9', 5)).toBe((3840 * 2160 * 121) / 1024);
  });

  it('grow with the seconds, and one frame is always more', () => {
    expect(tokens('720p', '16:9', 1)).toBe(22_500);
    expect(tokens('720p', '16:9', 30)).toBe(648_900);
  });
});
