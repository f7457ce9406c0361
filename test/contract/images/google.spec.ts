import { gemini } from '../../../src/providers/adapters/gemini/gemini.provider.js';
import { vertex } from '../../../src/providers/adapters/vertex/vertex.provider.js';
import { outcomeOf, targetOf } from '../video/video-request.js';
import { describeImages } from './describe-images.js';
import { imagesRequestOf } from './image-request.js';

const MODELS = [
  'gemini-3.1-flash-image',
  'gemini-3-pro-image',
  'gemini-2.5-flash-image',
  'imagen-4.0-generate-001',
  'imagen-4.0-fast-generate-001',
  'imagen-4.0-ultra-generate-001',
  'imagen-3.0-generate-002',
];
const FILTERED = { raiFilteredReason: 'It was filtered. Support codes: 17301594' };
const words = { parts: [{ text: 'No.' }] };

for (const provider of [gemini, vertex]) {
  describeImages(provider, MODELS);

  describe(`pictures of ${provider.id} that were held back`, () => {
    const read = (model: string, body: object) =>
      outcomeOf(() =>
        provider.images!.fromBody(Buffer.from(JSON.stringify(body)), imagesRequestOf({}), targetOf(model)),
      );

    it.each([
      ['imagen-4.0-generate-001', { predictions: [FILTERED] }],
      ['imagen-4.0-generate-001', { predictions: [] }],
      ['gemini-3.1-flash-image', { candidates: [{ content: words, finishReason: 'IMAGE_SAFETY' }] }],
      ['gemini-3.1-flash-image', { candidates: [{ finishReason: 'NO_IMAGE' }] }],
      ['gemini-3.1-flash-image', { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } }],
    ])('are a refusal: %s, %j', (model, body) => {
      expect(read(model, body)).toMatchObject({
        error: { kind: 'content_refused', code: 'content_policy_violation' },
      });
    });

    it.each(['imagen-4.0-generate-001', 'gemini-3.1-flash-image'])('are no error in the answer of %s', (model) => {
      const error = { code: 429, message: 'Resource has been exhausted.', status: 'RESOURCE_EXHAUSTED' };
      expect(read(model, { error })).toMatchObject({ error: { kind: 'rate_limited' } });
    });
  });
}
