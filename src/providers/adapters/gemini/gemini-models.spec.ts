import { GEMINI_MODEL_LIST } from './gemini-model-list.js';
import { checksSignatures, goesOn, otherModel, pathTo, picturesOf, thinkingOf } from './gemini-models.js';
import { toPictureSize } from './picture-size.js';

describe('what is known of a model by its name', () => {
  it.each([
    ['gemini-2.0-flash', true, false, 'nothing'],
    ['gemini-2.5-pro', true, false, 'budget'],
    ['gemini-2.5-flash', true, false, 'budget'],
    ['gemini-2.5-flash-preview-09-2025', true, false, 'budget'],
    ['gemini-2.5-flash-image', true, false, 'nothing'],
    ['gemini-3-flash-preview', true, true, 'level'],
    ['gemini-3.1-pro-preview', true, true, 'level'],
    ['gemini-3.5-flash', false, true, 'level'],
    ['gemini-3.8-flash', false, true, 'level'],
    ['gemini-4-argon', false, true, 'level'],
    ['gemini-flash-latest', false, true, 'level'],
    ['gemma-3-27b-it', false, false, 'nothing'],
    ['gemini-embedding-001', false, false, 'nothing'],
  ])('%s: goes on from a beginning %s, checks signatures %s, thinks by %s', (model, isGoing, isChecking, by) => {
    expect([goesOn(model), checksSignatures(model), thinkingOf(model).by]).toEqual([isGoing, isChecking, by]);
  });

  it.each([
    ['gemini-2.5-flash', 'generateContent', '/models/gemini-2.5-flash:generateContent'],
    ['models/gemini-2.5-flash', 'generateContent', '/models/gemini-2.5-flash:generateContent'],
    ['tunedModels/a b', 'generateContent', '/tunedModels/a%20b:generateContent'],
    ['a/../b', 'x', '/models/a%2F..%2Fb:x'],
    ['a?b#c', 'x', '/models/a%3Fb%23c:x'],
  ])('%s is at its path', (model, method, path) => expect(pathTo(model, method)).toBe(path));

  it.each([
    ['gemini-2.5-flash', 'gemini-2.5-flash', undefined],
    ['models/gemini-2.5-flash', 'gemini-2.5-flash', undefined],
    ['gemini-2.5-flash', 'gemini-2.5-flash-001', undefined],
    ['gemini-2.5-flash', 'gemini-2.5-flash-preview-09-2025', undefined],
    ['gemini-flash-latest', 'gemini-3.8-flash', undefined],
    ['gemini-2.5-flash', '', undefined],
    ['gemini-2.5-flash', undefined, undefined],
    ['gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-2.5-flash-lite'],
    ['gemini-2.5-flash', 'gemini-3.5-flash-lite', 'gemini-3.5-flash-lite'],
    ['gemini-2.5-pro', 'models/gemini-3.8-flash', 'gemini-3.8-flash'],
  ])('%s, answered by %s, is news: %s', (asked, version, served) => {
    expect(otherModel(asked, version)).toBe(served);
  });
});

describe('the size of a picture', () => {
  const three = picturesOf('gemini-3.1-flash-image')!;
  const two = picturesOf('gemini-2.5-flash-image')!;

  it.each([
    [undefined, {}],
    ['auto', {}],
    ['1024x1024', { aspectRatio: '1:1', imageSize: '1K' }],
    ['256x256', { aspectRatio: '1:1', imageSize: '1K' }],
    ['1536x1024', { aspectRatio: '3:2', imageSize: '1K' }],
    ['1024x1536', { aspectRatio: '2:3', imageSize: '1K' }],
    ['1792x1024', { aspectRatio: '16:9', imageSize: '1K' }],
    ['1024x1792', { aspectRatio: '9:16', imageSize: '1K' }],
    ['2048x2048', { aspectRatio: '1:1', imageSize: '2K' }],
    // Nearer to 2K, of 4.2 million pixels, than to 4K, of 16.9.
    ['3840x2160', { aspectRatio: '16:9', imageSize: '2K' }],
    ['5504x3072', { aspectRatio: '16:9', imageSize: '4K' }],
    ['4K', { imageSize: '4K' }],
  ])('%s is %j', (size, shape) => expect(toPictureSize(size, three)).toEqual(shape));

  it('has no field where a model makes one size', () => {
    expect(toPictureSize('1024x1024', two)).toEqual({ aspectRatio: '1:1' });
    for (const size of ['2K', '4096x4096']) {
      expect(() => toPictureSize(size, two)).toThrow(expect.objectContaining({ param: 'size' }));
    }
  });

  it.each(['3000x500', '0x10', '10x0', 'x', '1024', 'large', 5, '1024x1024 '])('%j is refused', (size) => {
    expect(() => toPictureSize(size, three)).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'size' }),
    );
  });
});

describe('the list of models', () => {
  const read = (value: unknown): readonly string[] => GEMINI_MODEL_LIST.fromBody(Buffer.from(JSON.stringify(value)));

  it('has the names of those that answer what the hub asks', () => {
    const models = [
      { name: 'models/gemini-3.8-flash', supportedGenerationMethods: ['generateContent', 'countTokens'] },
      { name: 'models/gemini-embedding-2', supportedGenerationMethods: ['embedContent'] },
      { name: 'models/veo-3', supportedGenerationMethods: ['predictLongRunning'] },
      { name: 'models/gemini-live', supportedGenerationMethods: ['bidiGenerateContent'] },
      { name: 'models/of-a-proxy' },
    ];
    expect(read({ models, nextPageToken: 'a' })).toEqual([
      'gemini-3.8-flash',
      'gemini-embedding-2',
      'veo-3',
      'of-a-proxy',
    ]);
  });

  it.each([{}, { data: [] }, { models: [1] }, { models: [{ id: 'a' }] }, []])('is not %j', (value) => {
    expect(() => read(value)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
});
