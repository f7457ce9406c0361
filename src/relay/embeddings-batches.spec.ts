import { describe, expect, it } from '@jest/globals';
import type { EmbeddingsAnswer } from '../providers/canonical/embeddings.js';
import { mergeEmbeddings, splitEmbeddings } from './embeddings-batches.js';
import { validateEmbeddings } from './validate-embeddings.js';

function request(input: unknown) {
  return validateEmbeddings(Buffer.from(JSON.stringify({ model: 'm', input, dimensions: 8 })));
}

function answer(embeddings: readonly number[], inputTokens?: number): EmbeddingsAnswer {
  const data = embeddings.map((embedding, index) => ({ object: 'embedding', index, embedding: [embedding] }));
  const bytes = Buffer.from(
    JSON.stringify({ object: 'list', model: 'm', data, usage: { prompt_tokens: inputTokens } }),
  );
  return { bytes, usage: inputTokens === undefined ? undefined : { inputTokens } };
}

function merged(answers: readonly EmbeddingsAnswer[]) {
  const { bytes, usage } = mergeEmbeddings(answers);
  return { body: JSON.parse(Buffer.from(bytes).toString('utf8')) as Record<string, unknown>, usage };
}

describe('splitEmbeddings', () => {
  it.each([
    [1, [1]],
    [10, [10]],
    [11, [10, 1]],
    [30, [10, 10, 10]],
  ])('cuts %d inputs by tens', (count, sizes) => {
    const input = Array.from({ length: count }, (_, i) => `text ${i}`);
    const batches = splitEmbeddings(request(input), 10);
    expect(batches.map(({ inputCount }) => inputCount)).toEqual(sizes);
    expect(batches.flatMap(({ source }) => source.value['input'])).toEqual(input);
    for (const { source } of batches) expect(source.value).toMatchObject({ model: 'm', dimensions: 8 });
  });

  it.each([
    ['there is no limit', Array.from({ length: 30 }, () => 'x'), undefined],
    ['it is one text', 'x', 1],
    ['it is one list of tokens', Array.from({ length: 30 }, (_, i) => i), 10],
  ])('leaves a request alone when %s', (_name, input, inputsMax) => {
    const whole = request(input);
    expect(splitEmbeddings(whole, inputsMax)).toEqual([whole]);
  });

  it('cuts lists of tokens between the lists', () => {
    const batches = splitEmbeddings(request([[1, 2], [3], [4]]), 2);
    expect(batches.map(({ source }) => source.value['input'])).toEqual([[[1, 2], [3]], [[4]]]);
  });
});

describe('mergeEmbeddings', () => {
  it('numbers the embeddings on and adds the usage up', () => {
    const { body, usage } = merged([answer([1, 2], 5), answer([3], 6)]);
    expect(body['data']).toEqual([1, 2, 3].map((n, index) => ({ object: 'embedding', index, embedding: [n] })));
    expect(body).toMatchObject({ object: 'list', model: 'm', usage: { prompt_tokens: 11, total_tokens: 11 } });
    expect(usage).toEqual({ inputTokens: 11 });
  });

  it('reports no usage when one part reported none', () => {
    expect(merged([answer([1], 5), answer([2])]).usage).toBeUndefined();
  });

  it('leaves a single answer as it is', () => {
    const only = answer([1], 5);
    expect(mergeEmbeddings([only])).toBe(only);
  });

  it('refuses an answer without a list', () => {
    const broken = { bytes: Buffer.from('{}'), usage: undefined };
    expect(() => mergeEmbeddings([answer([1]), broken])).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
});
