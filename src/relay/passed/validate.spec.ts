import { describe, expect, it } from '@jest/globals';
import { validateCompletions } from './validate-completions.js';
import { validateModerations } from './validate-moderations.js';
import { validateRerank } from './validate-rerank.js';
import { validateSpeech } from './validate-speech.js';

const bytes = (body: object): Uint8Array => Buffer.from(JSON.stringify(body));

describe('a completions body', () => {
  const valid = { model: 'm', prompt: 'a' };
  const read = (body: object) => validateCompletions(bytes({ ...valid, ...body }));

  it('has as many choices as prompts times n, and 16 tokens where it does not say', () => {
    expect(read({}).request).toMatchObject({ choiceCount: 1, outputTokensCap: 16, isStream: false });
    expect(read({ prompt: ['a', 'b'], n: 3 }).request.choiceCount).toBe(6);
    expect(read({ prompt: [1, 2, 3] }).request.choiceCount).toBe(1);
    expect(read({ prompt: [[1], [2, 3]] }).request.choiceCount).toBe(2);
    expect(read({ max_tokens: 5 }).request.outputTokensCap).toBe(5);
  });

  it('lets the model write what best_of throws away, too', () => {
    expect(read({ n: 2, best_of: 5 })).toMatchObject({ writtenCount: 5, request: { choiceCount: 2 } });
  });

  it.each([
    [{ prompt: undefined }, 'prompt'],
    [{ prompt: [] }, 'prompt'],
    [{ prompt: 7 }, 'prompt'],
    [{ prompt: ['a', 1] }, 'prompt[1]'],
    [{ prompt: [[1], [-1]] }, 'prompt[1]'],
    [{ n: 2, best_of: 1 }, 'best_of'],
    [{ best_of: 2, stream: true }, 'best_of'],
    [{ max_tokens: -1 }, 'max_tokens'],
    [{ stream: 'yes' }, 'stream'],
    [{ stream_options: true }, 'stream_options'],
    [{ stream_options: { include_usage: 1 } }, 'stream_options.include_usage'],
    [{ model: undefined }, 'model'],
  ])('with %j is refused by the name of the field', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

describe('a moderations body', () => {
  const read = (body: object) => validateModerations(bytes(body));

  it("takes OpenAI's own model where it names none", () => {
    expect(read({ input: 'a' })).toMatchObject({ model: 'omni-moderation-latest', inputCount: 1, isModelGiven: false });
    expect(read({ input: 'a', model: 'm' })).toMatchObject({ model: 'm', isModelGiven: true });
  });

  it('has an input for each text, and one of all parts', () => {
    expect(read({ input: ['a', 'b'] }).inputCount).toBe(2);
    const picture = { type: 'image_url', image_url: { url: 'https://x.example/a.png' } };
    expect(read({ input: [{ type: 'text', text: 'a' }, picture] }).inputCount).toBe(1);
  });

  it.each([
    [{}, 'input'],
    [{ input: [] }, 'input'],
    [{ input: 7 }, 'input'],
    [{ input: ['a', { type: 'text', text: 'b' }] }, 'input[0]'],
    [{ input: [{ type: 'video' }] }, 'input[0].type'],
    [{ input: [{ type: 'text' }] }, 'input[0].text'],
    [{ input: [{ type: 'image_url' }] }, 'input[0].image_url.url'],
  ])('with %j is refused by the name of the field', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

describe('a speech body', () => {
  const valid = { model: 'm', input: 'a' };
  const read = (body: object) => validateSpeech(bytes({ ...valid, ...body }));

  it('is counted in code points', () => {
    expect(read({ input: 'Grüße, 世界 🎈' }).request.characters).toBe(11);
    expect(read({ input: '\ud83c' }).request.characters).toBe(1);
  });

  it('has the usual speed, format and form where it does not say', () => {
    expect(read({})).toMatchObject({ speedPercent: 100, request: { format: 'mp3', isEvents: false } });
    expect(read({ speed: 0.5, response_format: 'pcm', stream_format: 'sse' })).toMatchObject({
      speedPercent: 50,
      request: { format: 'pcm', isEvents: true },
    });
  });

  it.each([
    [{ input: undefined }, 'input'],
    [{ input: '' }, 'input'],
    [{ input: 'x'.repeat(65_537) }, 'input'],
    [{ speed: 9 }, 'speed'],
    [{ speed: '1' }, 'speed'],
    [{ response_format: {} }, 'response_format'],
    [{ stream_format: 'x' }, 'stream_format'],
  ])('with wrong fields is refused by the name of the field: %#', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});

describe('a rerank body', () => {
  const valid = { model: 'm', query: 'q', documents: ['a', { text: 'b', id: 1 }] };
  const read = (body: object) => validateRerank(bytes({ ...valid, ...body }));

  it('has the texts of all documents', () => {
    expect(read({})).toMatchObject({ documents: ['a', 'b'], topN: undefined, returnDocuments: false });
  });

  it.each([
    [{ query: undefined }, 'query'],
    [{ query: '' }, 'query'],
    [{ documents: undefined }, 'documents'],
    [{ documents: [] }, 'documents'],
    [{ documents: ['a', 1] }, 'documents[1]'],
    [{ documents: [{ title: 'a' }] }, 'documents[0]'],
    [{ top_n: 0 }, 'top_n'],
    [{ return_documents: 'yes' }, 'return_documents'],
  ])('with %j is refused by the name of the field', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ status: 400, param }));
  });
});
