import { describe, expect, it } from '@jest/globals';
import { readVideosJson } from './read-videos-create.js';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const read = (body: object) => readVideosJson(Buffer.from(JSON.stringify(body)));

describe('a JSON body of POST /videos', () => {
  it('says in the words of OpenAI what the engine makes', () => {
    const reference = { image_url: `data:image/png;base64,${PNG.toString('base64')}` };
    const body = { prompt: 'a cat', model: 'sora-2', seconds: '8', size: '720x1280', input_reference: reference };
    expect(read({ ...body, user: 'u1' })).toEqual({
      model: 'sora-2',
      userIdentifier: 'u1',
      request: {
        prompt: 'a cat',
        image: { kind: 'stored', name: 'image' },
        durationSeconds: 8,
        resolution: '720p',
        aspectRatio: '9:16',
        size: '720x1280',
        count: 1,
      },
      inputs: [{ name: 'image', contentType: 'image/png', base64: PNG.toString('base64') }],
    });
  });

  it('leaves to the model what it does not say, and takes seconds as a number', () => {
    expect(read({ prompt: 'a cat', seconds: 4 })).toEqual({
      userIdentifier: '',
      request: { prompt: 'a cat', durationSeconds: 4, count: 1 },
      inputs: [],
    });
  });

  it.each([
    ['prompt', {}],
    ['model', { prompt: 'a', model: 7 }],
    ['seconds', { prompt: 'a', seconds: '4.5' }],
    ['seconds', { prompt: 'a', seconds: 'four' }],
    ['seconds', { prompt: 'a', seconds: '0' }],
    ['seconds', { prompt: 'a', seconds: true }],
    ['size', { prompt: 'a', size: '720p' }],
    ['size', { prompt: 'a', size: '1280x100' }],
    ['user', { prompt: 'a', user: 7 }],
    ['input_reference', { prompt: 'a', input_reference: 7 }],
    ['input_reference', { prompt: 'a', input_reference: 'http://10.0.0.1/a.png' }],
    ['input_reference.image_url', { prompt: 'a', input_reference: {} }],
    ['input_reference.file_id', { prompt: 'a', input_reference: { file_id: 'file-1' } }],
    ['input_reference.url', { prompt: 'a', input_reference: { url: 'https://a.example' } }],
    ['n', { prompt: 'a', n: 2 }],
    ['resolution', { prompt: 'a', resolution: '720p' }],
  ])('is refused for its %s: %#', (param, body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});
