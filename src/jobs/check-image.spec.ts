import { dashscope } from '../providers/adapters/dashscope/dashscope.provider.js';
import { kling } from '../providers/adapters/kling/kling.provider.js';
import { openai } from '../providers/adapters/openai/openai.provider.js';
import { stability } from '../providers/adapters/stability/stability.provider.js';
import type { Provider } from '../providers/provider.js';
import { imageWayOf } from '../routing/image-way.js';
import { refusalOfImages, toImageTask, toWholeImages } from './check-image.js';
import { PLACEHOLDERS } from './check-video.js';
import type { JobRequest } from './job.js';

const STORED = { kind: 'stored', name: 'image' } as const;
const PICTURES = { pictures: new Map([['image', { contentType: 'image/png', base64: 'iVBORw0KGgo=' }]]) };
const job = (wanted: Partial<JobRequest> = {}): JobRequest => ({ prompt: 'a cat', count: 1, ...wanted });

function refusal(provider: Provider, upstreamModel: string, wanted: Partial<JobRequest>) {
  const target = { upstreamModel, publicModel: 'picture' };
  return refusalOfImages(job(wanted), target, imageWayOf({ provider, target })!);
}

describe('a job of pictures', () => {
  it.each<[string, Provider, string, Partial<JobRequest>]>([
    ['as a task', kling, 'kling-v2-1', { count: 9, size: '1024x1024', negativePrompt: 'dogs' }],
    ['as a task, from a picture', kling, 'kling-v1-5', { image: STORED, options: { image_reference: 'face' } }],
    ['at once', openai, 'gpt-image-2', { count: 2, size: '1024x1024', quality: 'high' }],
    [
      'at once in another format',
      dashscope,
      'qwen-image',
      { seed: 7, negativePrompt: 'dogs', options: { watermark: true } },
    ],
    // Its bytes are not at hand when the job is checked.
    ['at once, from a picture', stability, 'sd3.5-large', { image: STORED, options: { strength: 0.5 } }],
    ['of a size that is left to the model', kling, 'kling-v2-1', { size: 'auto' }],
  ])('is taken on: %s', (_title, provider, model, wanted) => {
    expect(refusal(provider, model, wanted)).toBeUndefined();
  });

  it.each<[string, Provider, string, Partial<JobRequest>, string]>([
    [
      'an option that nobody has',
      openai,
      'gpt-image-2',
      { options: { background: 'transparent' } },
      'providerOptions.background',
    ],
    [
      'an option of another model',
      kling,
      'kling-v2',
      { options: { image_reference: 'face' } },
      'providerOptions.image_reference',
    ],
    // No option may say again what a job has a field for.
    ['a field as an option', dashscope, 'qwen-image', { options: { n: 4 } }, 'providerOptions.n'],
    [
      'an option that does not go with the rest',
      stability,
      'sd3.5-large',
      { options: { strength: 0.5 } },
      'providerOptions.strength',
    ],
    ['an option that is missing', stability, 'sd3.5-large', { image: STORED }, 'providerOptions.strength'],
    ['a field that is spelt otherwise', kling, 'kling-v2', { image: STORED, negativePrompt: 'dogs' }, 'negativePrompt'],
    ['too many', dashscope, 'qwen-image', { count: 2 }, 'n'],
    ['a seed', kling, 'kling-v2', { seed: 1 }, 'seed'],
    ['a quality', stability, 'sd3.5-large', { quality: 'hd' }, 'quality'],
  ])('is refused by the field at fault: %s', (_title, provider, model, wanted, param) => {
    const refused = refusal(provider, model, wanted);
    expect(refused?.param).toBe(param);
    expect(refused?.message).toContain(`"${param.replace('providerOptions.', '')}"`);
  });

  it('becomes a task with its picture and its ids', () => {
    const wanted = job({ image: STORED, size: 'auto', options: { a: 1 } });
    expect(toImageTask(wanted, { ...PLACEHOLDERS, ...PICTURES, externalId: 'job_1', endUser: 'u' })).toEqual({
      prompt: 'a cat',
      count: 1,
      images: [{ kind: 'bytes', contentType: 'image/png', base64: 'iVBORw0KGgo=' }],
      options: { a: 1 },
      externalId: 'job_1',
      endUser: 'u',
    });
  });

  it('becomes a body of images/generations', () => {
    const wanted = job({ count: 2, image: STORED, seed: 1, negativePrompt: 'dogs', options: { watermark: true } });
    expect(toWholeImages(wanted, 'picture', PICTURES).source.value).toEqual({
      model: 'picture',
      prompt: 'a cat',
      n: 2,
      seed: 1,
      negative_prompt: 'dogs',
      image: 'data:image/png;base64,iVBORw0KGgo=',
      watermark: true,
    });
    const linked = job({ image: { kind: 'url', url: 'https://pictures.example/a.png' } });
    expect(toWholeImages(linked, 'picture', PICTURES).source.value['image']).toBe('https://pictures.example/a.png');
  });
});
