import { JsonSource } from '../../common/json-source.js';
import { toImageTask } from './to-image-task.js';

const read = (members: object, count = 1) => {
  const source = JsonSource.of({ model: 'm', prompt: 'A cat.', ...members });
  const request = { source, model: 'm', count, responseFormat: undefined, isStream: false };
  return toImageTask(request, { externalId: 'req_1' });
};
const PLAIN = { prompt: 'A cat.', count: 1, images: [], options: {}, externalId: 'req_1' };

describe('an images/generations request as a task', () => {
  it.each<[string, object, object]>([
    ['nothing but a prompt', {}, {}],
    ['what is the same as nothing', { size: 'auto', quality: 'auto', seed: null, style: null }, {}],
    [
      "what is the relay's",
      { response_format: 'url', stream: true, partial_images: 2, user: 'u', user_identifier: 'v' },
      {},
    ],
    [
      'the common words',
      { size: '1x1', quality: 'hd', seed: 0, negative_prompt: 'dogs' },
      { size: '1x1', quality: 'hd', seed: 0, negativePrompt: 'dogs' },
    ],
    [
      'a picture',
      { image: 'https://pictures.example/a.png' },
      { images: [{ kind: 'url', url: 'https://pictures.example/a.png' }] },
    ],
    [
      'pictures of both forms',
      { image: ['http://pictures.example/a.png', 'data:image/png;base64,AA=='] },
      {
        images: [
          { kind: 'url', url: 'http://pictures.example/a.png' },
          { kind: 'bytes', contentType: 'image/png', base64: 'AA==' },
        ],
      },
    ],
    ['options of the vendor', { style: 'vivid', steps: 4 }, { options: { style: 'vivid', steps: 4 } }],
  ])('is read: %s', (_title, members, wanted) => {
    expect(read(members)).toEqual({ ...PLAIN, ...wanted });
  });

  it('has the count that was validated', () => {
    expect(read({ n: 3 }, 3)).toEqual({ ...PLAIN, count: 3 });
  });

  it.each<[string, object]>([
    ['seed', { seed: 1.5 }],
    ['seed', { seed: '1' }],
    ['size', { size: 1024 }],
    ['quality', { quality: '' }],
    ['negative_prompt', { negative_prompt: [] }],
    ['image', { image: 7 }],
    ['image', { image: 'file:///etc/passwd' }],
    ['image', { image: 'data:text/html;base64,AA==' }],
    ['image', { image: ['data:image/png;base64,not base64'] }],
    ['image', { image: Array.from({ length: 17 }, () => 'https://pictures.example/a.png') }],
  ])('is refused by the name of %s: %j', (param, members) => {
    expect(() => read(members)).toThrow(expect.objectContaining({ kind: 'invalid_request', param }));
  });
});
