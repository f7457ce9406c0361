import { type ImageTaskModel, type ImageTaskRequest, refusalOfImageTask } from './image-task.js';

const MODEL: ImageTaskModel = {
  countMax: 4,
  promptCharsMax: 10,
  sizes: ['1K', '2K'],
  qualities: [],
  imagesMax: 1,
  imageForms: ['url'],
  hasNegativePrompt: false,
  hasSeed: false,
  options: ['style'],
};
const URL = { kind: 'url', url: 'https://pictures.example/a.png' } as const;
const BYTES = { kind: 'bytes', contentType: 'image/png', base64: 'AA==' } as const;

const refusal = (wanted: Partial<ImageTaskRequest>, model: Partial<ImageTaskModel> = {}) =>
  refusalOfImageTask(
    { prompt: 'A cat.', count: 1, images: [], options: {}, externalId: 'req_1', ...wanted },
    { ...MODEL, ...model },
  );

describe('a request for pictures as a task', () => {
  it.each<[string, Partial<ImageTaskRequest>, Partial<ImageTaskModel>]>([
    ['nothing but a prompt', {}, {}],
    ['as many pictures as the model makes', { count: 4 }, {}],
    ['a prompt of as many characters as it reads, not of as many units', { prompt: '\u{1f600}'.repeat(10) }, {}],
    ['a size of the list', { size: '2K' }, {}],
    ['any size where a rule decides', { size: '7x7' }, { sizes: undefined }],
    ['a picture to begin from', { images: [URL] }, {}],
    ['a picture that is needed', { images: [URL] }, { imagesMin: 1 }],
    ['what the model has', { seed: 1, negativePrompt: 'dogs' }, { hasSeed: true, hasNegativePrompt: true }],
    ['an option of its vendor', { options: { style: 'oil' } }, {}],
  ])('is served: %s', (_title, wanted, model) => {
    expect(refusal(wanted, model)).toBeUndefined();
  });

  it.each<[string, Partial<ImageTaskRequest>, Partial<ImageTaskModel>, RegExp]>([
    ['prompt', { prompt: 'A cat and dogs' }, {}, /14 characters; this model takes at most 10/],
    ['n', { count: 5 }, {}, /at most 4/],
    ['size', { size: '4K' }, {}, /one of 1K, 2K/],
    ['size', { size: '1K' }, { sizes: [] }, /cannot be chosen/],
    ['quality', { quality: 'hd' }, {}, /cannot be chosen/],
    ['image', { images: [URL, URL] }, {}, /at most one picture/],
    ['image', { images: [URL, URL, URL] }, { imagesMax: 2 }, /at most 2 pictures/],
    ['image', { images: [URL] }, { imagesMax: 0 }, /takes no "image"/],
    ['image', {}, { imagesMin: 1 }, /needs an "image"/],
    ['image', { images: [BYTES] }, {}, /as a URL only/],
    ['image', { images: [URL] }, { imageForms: ['bytes'] }, /as a data URI only/],
    ['negative_prompt', { negativePrompt: 'dogs' }, {}, /takes no "negative_prompt"/],
    ['seed', { seed: 0 }, {}, /takes no "seed"/],
    ['steps', { options: { steps: 4 } }, {}, /no option "steps"\. It has style/],
    ['steps', { options: { steps: 4 } }, { options: [] }, /It has none/],
    ['size', {}, { refusal: () => ({ param: 'size', message: 'Not today.' }) }, /Not today/],
  ])('is refused by the name of %s', (param, wanted, model, message) => {
    expect(refusal(wanted, model)).toEqual({ param, message: expect.stringMatching(message) });
  });
});
