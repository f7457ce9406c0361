import { describe, expect, it } from '@jest/globals';
import { quietNow } from '../../../../test/support/quiet-clock.js';
import type { TaskAnswer, VideoRequest } from '../../canonical/video.js';
import { openAiVideo } from './openai-video.js';
import { compatibleVideoModelOf, GENERIC_VIDEO_MODEL } from './openai-video-models.js';

const video = openAiVideo({
  defaultModel: 'sora-2',
  modelOf: compatibleVideoModelOf,
  genericModel: GENERIC_VIDEO_MODEL,
});
const target = { upstreamModel: 'kling-v3', publicModel: 'kling' };
const request: VideoRequest = {
  prompt: 'A cat "on" a mat',
  durationSeconds: 5,
  resolution: '720p',
  hasAudio: false,
  count: 1,
  options: {},
  externalId: '0123456789abcdef0123456789abcdef',
};

function answer(status: number, body: unknown): TaskAnswer {
  return { status, headers: {}, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

const state = (body: unknown, status = 200) => video.fromStatus(answer(status, body), { id: 'video_1' });
const submitted = (change: Partial<VideoRequest>, upstreamModel = target.upstreamModel): unknown =>
  JSON.parse(String(video.toSubmit({ ...request, ...change }, { ...target, upstreamModel }).body));

describe('submitting', () => {
  it('sends JSON with the length as text and the size in pixels', () => {
    expect(video.toSubmit(request, target)).toEqual({
      method: 'POST',
      path: '/videos',
      body: JSON.stringify({ model: 'kling-v3', prompt: request.prompt, seconds: '5', size: '1280x720' }),
    });
  });

  it.each([
    ['720p', '9:16', '720x1280'],
    ['1080p', '16:9', '1920x1080'],
    ['1024p', '16:9', '1792x1024'],
    ['1024p', '9:16', '1024x1792'],
    ['480p', '1:1', '480x480'],
  ])('asks for %s at %s as %s', (resolution, aspectRatio, size) => {
    expect(submitted({ resolution, aspectRatio })).toMatchObject({ size });
  });

  it('refuses a resolution that is no size', () => {
    expect(() => video.toSubmit({ ...request, resolution: 'hd' }, target)).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'resolution' }),
    );
  });

  it('names a picture by its address', () => {
    const image = { kind: 'url', url: 'https://example.com/a.png' } as const;
    expect(submitted({ image })).toMatchObject({ input_reference: { image_url: image.url } });
  });

  it('sends the bytes of a picture as a file of a form', () => {
    const bytes = Buffer.from([0x89, 0x50, 0x0d, 0x0a, 0xff]);
    const image = { kind: 'bytes', contentType: 'image/png', base64: bytes.toString('base64') } as const;
    const call = video.toSubmit({ ...request, image }, target);
    const boundary = String(/boundary=(form-[0-9a-f]{40})$/.exec(call.headers?.['content-type'] ?? '')?.[1]);
    expect(call.headers).toEqual({ 'content-type': `multipart/form-data; boundary=${boundary}` });
    expect(Buffer.from(call.body ?? '').toString('latin1')).toBe(
      [
        `--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\nkling-v3`,
        `--${boundary}\r\ncontent-disposition: form-data; name="prompt"\r\n\r\n${request.prompt}`,
        `--${boundary}\r\ncontent-disposition: form-data; name="seconds"\r\n\r\n5`,
        `--${boundary}\r\ncontent-disposition: form-data; name="size"\r\n\r\n1280x720`,
        `--${boundary}\r\ncontent-disposition: form-data; name="input_reference"; filename="image.png"\r\n` +
          `content-type: image/png\r\n\r\n${bytes.toString('latin1')}`,
        `--${boundary}--\r\n`,
      ].join('\r\n'),
    );
  });

  it('keeps a strange content type out of the headers of the form', () => {
    const image = { kind: 'bytes', contentType: 'image/png\r\nx: y', base64: 'AAAA' } as const;
    const text = Buffer.from(video.toSubmit({ ...request, image }, target).body ?? '').toString('latin1');
    expect(text).toContain('filename="image.bin"\r\ncontent-type: application/octet-stream\r\n\r\n');
    expect(text).not.toContain('x: y');
  });

  it('sends what OpenAI does not have only where it was asked for', () => {
    expect(submitted({ negativePrompt: 'rain', seed: 7, hasAudio: true })).toMatchObject({
      negative_prompt: 'rain',
      seed: 7,
      audio: true,
    });
    expect(submitted({ hasAudio: true }, 'sora-2')).not.toHaveProperty('audio');
  });

  it('passes options on, but none that the hub rules', () => {
    expect(submitted({ options: { style: 'anime' } })).toMatchObject({ style: 'anime' });
    for (const name of ['model', 'seconds', 'size', 'input_reference']) {
      expect(() => video.toSubmit({ ...request, options: { [name]: 'x' } }, target)).toThrow(
        expect.objectContaining({ kind: 'unsupported_option', param: `providerOptions.${name}` }),
      );
    }
  });

  it('keeps the id', () => {
    const body = { id: 'video_1', object: 'video', status: 'queued' };
    expect(video.fromSubmit(answer(200, body), request, target)).toEqual({ id: 'video_1' });
    expect(() => video.fromSubmit(answer(200, { object: 'video' }), request, target)).toThrow(
      expect.objectContaining({ kind: 'invalid_response' }),
    );
  });
});

describe('asking', () => {
  it('keeps an id inside its part of the path', () => {
    expect(video.toStatus({ id: '../models?x' }).path).toBe('/videos/..%2Fmodels%3Fx');
    expect(video.toContent?.({ id: 'video_1' }, 0)).toEqual({
      method: 'GET',
      path: '/videos/video_1/content',
      headers: { accept: '*/*' },
    });
  });

  it.each([
    ['queued', 0, { state: 'queued', progress: 0 }],
    ['in_progress', 33, { state: 'processing', progress: 33 }],
    ['processing', '41%', { state: 'processing', progress: 41 }],
    ['IN_PROGRESS', undefined, { state: 'processing', progress: undefined }],
    ['in_progress', 450, { state: 'processing', progress: undefined }],
    ['cancelled', 0, { state: 'cancelled' }],
  ])('reads %s at %s', (status, progress, expected) => {
    expect(state({ id: 'video_1', status, progress })).toEqual(expected);
  });

  it.each([
    ['4', 4000],
    [12, 12_000],
    ['5.5', 5500],
    [undefined, undefined],
    ['long', undefined],
  ])('reads the length %s of a finished video', (seconds, videoMs) => {
    expect(state({ id: 'video_1', status: 'completed', progress: 100, seconds })).toEqual({
      state: 'succeeded',
      outputs: [{}],
      usage: { videoMs },
    });
  });

  it.each([
    ['failed', { code: 'moderation_blocked', message: 'Blocked.' }, 'content_refused'],
    ['failed', { code: 'server_error', message: 'Oops.' }, 'failed'],
    ['failed', { code: 'invalid_size', message: 'No.' }, 'invalid_request'],
    ['failed', { message: 'Rejected by our safety system.' }, 'content_refused'],
    ['expired', { code: 'gone', message: 'Too late.' }, 'expired'],
  ])('reads %s with %j as %s', (status, error, kind) => {
    const { code, message } = { code: undefined, ...error };
    expect(state({ id: 'video_1', status, error })).toEqual({ state: 'failed', kind, code, message });
  });

  it('does not end a job for a word it does not know', () => {
    expect(state({ id: 'video_1', status: 'dreaming' })).toEqual({ state: 'processing' });
  });

  it('asks again after an answer that describes no video', () => {
    for (const body of [{ status: 'completed' }, { id: 'video_1' }, { id: null, status: 'completed' }]) {
      expect(() => state(body)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
    }
  });

  it('ends a job whose video is gone, but not for a path that is', () => {
    expect(state({ error: { message: "Video with id 'video_1' not found.", code: null } }, 404)).toMatchObject({
      state: 'failed',
      kind: 'expired',
    });
    const startedAt = quietNow();
    expect(() => state({ error: { message: 'video '.repeat(20_000) } }, 404)).toThrow();
    expect(quietNow() - startedAt).toBeLessThan(500);
    for (const body of ['<html>404</html>', '', { message: 'Route GET:/v1/videos/video_1 not found' }]) {
      expect(() => state(body, 404)).toThrow(expect.objectContaining({ name: 'ProviderError' }));
    }
  });

  it.each([
    [401, { error: { message: 'Incorrect API key', code: 'invalid_api_key' } }, 'credential'],
    [429, { error: { message: 'Slow down', code: 'rate_limit_exceeded' } }, 'rate_limited'],
    [429, { error: { message: 'No money', code: 'insufficient_quota' } }, 'out_of_money'],
    [500, { error: { message: 'Oops', type: 'server_error' } }, 'overloaded'],
    [200, { error: { message: 'Oops', type: 'server_error' } }, 'overloaded'],
    [400, { error: { message: 'Blocked', code: 'moderation_blocked' } }, 'content_refused'],
  ])('says of %i %j that it is %s', (status, body, kind) => {
    expect(() => state(body, status)).toThrow(expect.objectContaining({ kind }));
  });
});
