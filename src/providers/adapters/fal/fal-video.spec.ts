import type { TaskAnswer, TaskRef, VideoRequest } from '../../canonical/video.js';
import { falVideo } from './fal-video.js';

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
const answer = (status: number, body: unknown): TaskAnswer => ({
  status,
  headers: {},
  body: Buffer.from(JSON.stringify(body)),
});

describe('videos of fal', () => {
  it('are asked of an endpoint that an operator declares by the names that most endpoints have', () => {
    const request = { ...REQUEST, aspectRatio: '9:16', options: { lora_scale: 0.7 } };
    const call = falVideo.toSubmit(request, targetOf('some-owner/new-model/turbo'));
    expect(call.path).toBe('/some-owner/new-model/turbo');
    const names = { duration: '5', resolution: '720p', generate_audio: false, aspect_ratio: '9:16' };
    expect(JSON.parse(String(call.body))).toEqual({ prompt: 'A cat.', ...names, lora_scale: 0.7 });
  });

  it('let no option of the vendor say anew what is priced', () => {
    const request = { ...REQUEST, options: { duration: '10', resolution: '1080p', prompt: 'A dog.' } };
    const body = JSON.parse(String(falVideo.toSubmit(request, targetOf('some-owner/new-model')).body));
    expect(body).toEqual({ prompt: 'A cat.', duration: '5', resolution: '720p', generate_audio: false });
  });

  it.each<[string, string, Partial<VideoRequest>]>([
    ['seed', 'fal-ai/kling-video/v2.5-turbo/pro/text-to-video', { seed: 7 }],
    [
      'image',
      'fal-ai/kling-video/v2.5-turbo/pro/text-to-video',
      { image: { kind: 'url', url: 'https://x.example/a' } },
    ],
    ['aspectRatio', 'fal-ai/kling-video/v2.5-turbo/pro/image-to-video', { aspectRatio: '1:1' }],
    ['negativePrompt', 'fal-ai/vidu/q3/text-to-video', { negativePrompt: 'dogs' }],
    ['lastFrame', 'fal-ai/veo3.1/image-to-video', { lastFrame: { kind: 'url', url: 'https://x.example/a' } }],
    ['n', 'some-owner/new-model', { count: 2 }],
  ])('are refused where an operator declares what the model has no input for: %s', (param, model, wanted) => {
    const submit = () => falVideo.toSubmit({ ...REQUEST, ...wanted }, targetOf(model));
    expect(submit).toThrow(expect.objectContaining({ kind: 'unsupported_option', param }));
  });

  it('promise of an endpoint that an operator declares no more than is said of it', () => {
    const { audio, audioDefault, hasLastFrame, hasSeed, hasNegativePrompt } = falVideo.genericModel ?? {};
    expect([audio, audioDefault, hasLastFrame, hasSeed, hasNegativePrompt]).toEqual([
      'never',
      false,
      false,
      false,
      false,
    ]);
  });

  it.each(['', 'one', '/fal-ai/x', 'fal-ai//x', 'fal-ai/../admin', 'fal-ai/x?y=z', 'fal-ai/x#y', 'fal-ai/x y', 'a/b/'])(
    'are asked of no path but an endpoint: %s',
    (name) => {
      const submit = () => falVideo.toSubmit(REQUEST, targetOf(name));
      expect(submit).toThrow(expect.objectContaining({ kind: 'model_missing' }));
    },
  );

  it.each<TaskRef>([
    { app: 'fal-ai/../x', id: 'r1' },
    { app: 'fal-ai', id: 'r1' },
    { id: 'r1' },
    { app: 'fal-ai/x', id: 7 },
  ])('are asked after by no reference but their own: %j', (ref) => {
    expect(() => falVideo.toStatus(ref)).toThrow('no reference');
  });

  it.each([
    [401, { detail: 'Invalid key' }, 'credential'],
    [403, { detail: 'User is locked. Reason: Exhausted balance.' }, 'out_of_money'],
    [429, { detail: 'Too many requests' }, 'rate_limited'],
    [500, { detail: 'Internal Server Error' }, 'overloaded'],
    [503, { detail: 'Service unavailable' }, 'overloaded'],
  ])('have not failed because their result cannot be asked for: HTTP %s', (status, body, kind) => {
    const ref = { app: 'fal-ai/x', id: 'r1', isOver: true };
    expect(() => falVideo.fromStatus(answer(status, body), ref)).toThrow(expect.objectContaining({ kind }));
  });

  it.each([
    { status: 'ALREADY_COMPLETED', http: 400 },
    { status: 'NOT_FOUND', http: 404 },
  ])('go on when they cannot be called off: $status', ({ status, http }) => {
    const read = () => falVideo.cancel?.fromAnswer(answer(http, { status }), { app: 'fal-ai/x', id: 'r1' });
    expect(read).toThrow();
  });
});
