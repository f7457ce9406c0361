import { describe, expect, it } from '@jest/globals';
import type { HubError } from '../common/hub-error.js';
import { readVideoSubmission } from './read-video-submission.js';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const JPEG = Buffer.from('ffd8ffe000104a46494600010100', 'hex');
const WEBP = Buffer.from('524946461a000000574542505650384c', 'hex');
const dataUri = (type: string, bytes: Buffer): string => `data:${type};base64,${bytes.toString('base64')}`;

const read = (body: object | string) =>
  readVideoSubmission(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

function refusalOf(body: object | string): Pick<HubError, 'status' | 'code' | 'param'> & { message: string } {
  try {
    read(body);
  } catch (error) {
    const { status, code, param, message } = error as HubError;
    return { status, code, param, message };
  }
  throw new Error('It was taken.');
}

describe('a body of POST /api/video/submit', () => {
  it('needs no more than a prompt', () => {
    expect(read({ prompt: '一只猫在草地上奔跑' })).toEqual({
      userIdentifier: '',
      request: { prompt: '一只猫在草地上奔跑', count: 1 },
      inputs: [],
    });
  });

  it('may have every option, and says them in the words of the engine', () => {
    const image = dataUri('image/png', PNG);
    const body = {
      provider: 'kling',
      model: 'kling-v3',
      prompt: 'a cat',
      user_identifier: 'user_123',
      image,
      lastFrame: 'https://pictures.example/last.jpg?size=big',
      negativePrompt: 'dogs',
      duration: 5,
      aspectRatio: '16:9',
      resolution: '720P',
      audio: false,
      seed: 4294967295,
      n: 2,
      providerOptions: { mode: 'pro', camera: { zoom: 1 } },
      metadata: { order: '17' },
      webhookUrl: 'https://shop.example/hook',
    };
    expect(read(body)).toEqual({
      provider: 'kling',
      model: 'kling-v3',
      userIdentifier: 'user_123',
      metadata: { order: '17' },
      webhookUrl: 'https://shop.example/hook',
      request: {
        prompt: 'a cat',
        image: { kind: 'stored', name: 'image' },
        lastFrame: { kind: 'url', url: 'https://pictures.example/last.jpg?size=big' },
        negativePrompt: 'dogs',
        durationSeconds: 5,
        aspectRatio: '16:9',
        resolution: '720p',
        hasAudio: false,
        seed: 4294967295,
        count: 2,
        options: { mode: 'pro', camera: { zoom: 1 } },
      },
      inputs: [{ name: 'image', contentType: 'image/png', base64: PNG.toString('base64') }],
    });
  });

  it('counts null as left out', () => {
    const body = { prompt: 'a', image: null, duration: null, metadata: null, audio: null, webhookUrl: null };
    expect(read(body)).toEqual(read({ prompt: 'a' }));
  });

  it('needs no prompt beside a picture', () => {
    expect(read({ imageUrl: 'https://pictures.example/a.png' }).request).toMatchObject({
      prompt: '',
      image: { kind: 'url', url: 'https://pictures.example/a.png' },
    });
  });

  it.each([
    ['image/png', PNG],
    ['image/jpeg', JPEG],
    ['image/jpg', JPEG],
    ['IMAGE/WEBP', WEBP],
  ])('takes a data URI of %s', (type, bytes) => {
    expect(read({ prompt: 'a', image: dataUri(type, bytes) }).inputs).toHaveLength(1);
  });

  it.each<[field: string, body: Record<string, unknown>]>([
    ['prompt', {}],
    ['prompt', { prompt: '' }],
    ['prompt', { prompt: 7 }],
    ['prompt', { prompt: 'x'.repeat(20_001) }],
    ['prompt', { prompt: 'a\0b' }],
    ['provider', { prompt: 'a', provider: 7 }],
    ['model', { prompt: 'a', model: '' }],
    ['model', { prompt: 'a', model: 'x'.repeat(257) }],
    ['user_identifier', { prompt: 'a', user_identifier: 5 }],
    ['user_identifier', { prompt: 'a', user_identifier: 'x'.repeat(257) }],
    ['negativePrompt', { prompt: 'a', negativePrompt: ['dogs'] }],
    ['duration', { prompt: 'a', duration: '5' }],
    ['duration', { prompt: 'a', duration: 5.5 }],
    ['duration', { prompt: 'a', duration: 0 }],
    ['duration', { prompt: 'a', duration: -5 }],
    ['duration', { prompt: 'a', duration: 1e9 }],
    ['aspectRatio', { prompt: 'a', aspectRatio: 1.78 }],
    ['resolution', { prompt: 'a', resolution: 720 }],
    ['audio', { prompt: 'a', audio: 'yes' }],
    ['seed', { prompt: 'a', seed: -1 }],
    ['seed', { prompt: 'a', seed: 4294967296 }],
    ['n', { prompt: 'a', n: 0 }],
    ['n', { prompt: 'a', n: 11 }],
    ['n', { prompt: 'a', n: '1' }],
    ['providerOptions', { prompt: 'a', providerOptions: ['pro'] }],
    ['providerOptions', { prompt: 'a', providerOptions: { x: 'y'.repeat(65_536) } }],
    ['providerOptions', { prompt: 'a', providerOptions: { deep: [{ nul: '\0' }] } }],
    ['metadata', { prompt: 'a', metadata: 'order 17' }],
    ['metadata', { prompt: 'a', metadata: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`k${i}`, 'v'])) }],
    ['metadata', { prompt: 'a', metadata: { ['k'.repeat(65)]: 'v' } }],
    ['metadata.order', { prompt: 'a', metadata: { order: 17 } }],
    ['metadata.order', { prompt: 'a', metadata: { order: 'x'.repeat(513) } }],
    ['webhookUrl', { prompt: 'a', webhookUrl: 7 }],
    ['webhookUrl', { prompt: 'a', webhookUrl: `https://shop.example/${'x'.repeat(2048)}` }],
    ['image', { prompt: 'a', image: 7 }],
    ['image', { prompt: 'a', image: 'iVBORw0KGgo' }],
    ['image', { prompt: 'a', image: 'file:///etc/passwd' }],
    ['image', { prompt: 'a', image: 'data:image/png,abc' }],
    ['image', { prompt: 'a', image: 'data:image/png;base64,' }],
    ['image', { prompt: 'a', image: 'data:image/png;base64,!!!!' }],
    ['image', { prompt: 'a', image: `${dataUri('image/png', PNG)}\n` }],
    ['image', { prompt: 'a', image: dataUri('image/png', JPEG) }],
    ['image', { prompt: 'a', image: dataUri('image/png', Buffer.from('<svg/>')) }],
    ['image', { prompt: 'a', image: dataUri('text/html', PNG) }],
    ['imageUrl', { prompt: 'a', imageUrl: 'http://127.0.0.1/a.png' }],
    ['imageUrl', { prompt: 'a', image: 'https://a.example/1', imageUrl: 'https://a.example/1' }],
    ['lastFrame', { prompt: 'a', lastFrame: 'ftp://a.example/1' }],
  ])('is refused for its %s: %#', (field, body) => {
    const refusal = refusalOf(body);
    expect(refusal).toMatchObject({ status: 400, param: field });
    // The public answer has no `param`, so that the text must name the field.
    expect(refusal.message).toContain(`"${field}"`);
  });

  it.each(['duration_seconds', 'n_videos', 'aspect_ratio', 'user', 'stream', '__proto__', 'constructor'])(
    'is refused for the field "%s", which nobody reads',
    (name) => {
      const refusal = refusalOf(`{"prompt":"a",${JSON.stringify(name)}:1}`);
      expect(refusal).toMatchObject({ status: 400, code: 'unknown_parameter', param: name });
      expect(refusal.message).toContain('prompt, image, imageUrl');
    },
  );

  it.each([
    ['no JSON', '{"prompt":', 'invalid_json'],
    ['a list', '["a"]', 'invalid_json'],
    ['a field given twice', '{"prompt":"a","prompt":"b"}', 'duplicate_parameter'],
    ['a field in capitals', '{"prompt":"a","Prompt":"b"}', 'duplicate_parameter'],
  ])('is refused as %s', (_, body, code) => {
    expect(refusalOf(body)).toMatchObject({ status: 400, code });
  });
});
