import { klingVideo } from './kling-video.js';

describe('a reference of a task at Kling', () => {
  it.each([
    ['of another path', { path: '/account/costs', id: '1' }],
    ['of a path that is no text', { path: 7, id: '1' }],
    ['without an id', { path: '/v1/videos/text2video' }],
    ['with an id that is no text', { id: 1 }],
  ])('is none %s', (_title, ref) => {
    expect(() => klingVideo.toStatus(ref)).toThrow('no reference');
  });

  it('keeps its id to its place in the path', () => {
    expect(klingVideo.toStatus({ path: '/v1/videos/text2video', id: '../x?y' }).path).toBe(
      '/v1/videos/text2video/..%2Fx%3Fy',
    );
  });

  it('is made for no model that is not offered', () => {
    const answer = { status: 200, headers: {}, body: Buffer.from('{}') };
    const request = { prompt: 'a', durationSeconds: 5, resolution: '720p', hasAudio: false, count: 1 };
    const target = { upstreamModel: 'gpt-4', publicModel: 'gpt-4' };
    expect(() => klingVideo.fromSubmit(answer, { ...request, options: {}, externalId: 'job_0' }, target)).toThrow(
      'no video model',
    );
  });
});
