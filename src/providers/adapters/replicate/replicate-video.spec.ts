import type { VideoRequest } from '../../canonical/video.js';
import { replicateVideo } from './replicate-video.js';

const VERSION = 'a'.repeat(64);
const REQUEST: VideoRequest = {
  prompt: 'A cat.',
  durationSeconds: 5,
  resolution: '720p',
  hasAudio: false,
  count: 1,
  options: {},
  externalId: 'job_1',
};
const targetOf = (upstreamModel: string) => ({ upstreamModel, publicModel: 'm' });

describe('videos of Replicate', () => {
  it('are asked of a model that an operator declares by the names that most models have', () => {
    const request = { ...REQUEST, options: { num_frames: 81 } };
    const call = replicateVideo.toSubmit(request, targetOf(`someone/fine-tune:${VERSION}`));
    expect(call.path).toBe('/predictions');
    expect(JSON.parse(String(call.body))).toEqual({
      version: VERSION,
      input: { prompt: 'A cat.', duration: 5, resolution: '720p', generate_audio: false, num_frames: 81 },
    });
  });

  it('never wait at Replicate: a call is answered at once', () => {
    expect(replicateVideo.toSubmit(REQUEST, targetOf('google/veo-3.1')).headers).toBeUndefined();
  });

  it('let no option of the vendor say anew what is priced', () => {
    const request = { ...REQUEST, options: { duration: 10, resolution: '1080p' } };
    const { input } = JSON.parse(String(replicateVideo.toSubmit(request, targetOf('someone/model')).body));
    expect(input).toEqual({ prompt: 'A cat.', duration: 5, resolution: '720p', generate_audio: false });
  });

  it.each(['', 'veo', 'google/', '/veo', 'google/../veo', 'a/b/c', 'a/b:1', `a/b:${VERSION}0`, 'a/b?c', 'a b/c'])(
    'are asked of no path but a model: "%s"',
    (name) => {
      const submit = () => replicateVideo.toSubmit(REQUEST, targetOf(name));
      expect(submit).toThrow(expect.objectContaining({ kind: 'model_missing' }));
    },
  );

  it('know a model whatever its version', () => {
    expect(replicateVideo.modelOf(`google/veo-3.1:${VERSION}`)).toBe(replicateVideo.modelOf('google/veo-3.1'));
  });

  it.each<[string, Partial<VideoRequest>]>([
    ['resolution', { resolution: '4k' }],
    ['aspectRatio', { aspectRatio: '1:1' }],
  ])('are refused where an operator declares a size that the model has no word for: %s', (param, wanted) => {
    const submit = () => replicateVideo.toSubmit({ ...REQUEST, ...wanted }, targetOf('wan-video/wan-2.5-t2v'));
    expect(submit).toThrow(expect.objectContaining({ kind: 'unsupported_option', param }));
  });
});
