import fc from 'fast-check';
import { JsonSource } from '../../../common/json-source.js';
import type { EmbeddingsRequest } from '../../canonical/embeddings.js';
import { fromEmbeddingsBody, pack, toEmbeddingsBody, unpack } from './embeddings.js';

const target = { upstreamModel: 'up-1', publicModel: 'public-1' };
const requestOf = (value: Record<string, unknown>, inputCount = 1): EmbeddingsRequest => ({
  source: JsonSource.of({ model: 'public-1', ...value }),
  model: 'public-1',
  inputCount,
  encodingFormat: value['encoding_format'] === 'base64' ? 'base64' : 'float',
});
const read = (body: object, format: 'float' | 'base64', inputCount = 1): { data: unknown; model: string } => {
  const request = requestOf({ input: 'a', encoding_format: format }, inputCount);
  return JSON.parse(
    Buffer.from(fromEmbeddingsBody(undefined, Buffer.from(JSON.stringify(body)), request, target).bytes).toString(),
  );
};
const item = (index: number, embedding: unknown): object => ({ object: 'embedding', index, embedding });

describe('toEmbeddingsBody', () => {
  it('asks for base64 only where the vendor can', () => {
    const text = (hasBase64: boolean): string =>
      Buffer.from(
        toEmbeddingsBody({ hasBase64 }, requestOf({ input: 'a', encoding_format: 'base64' }), target).body,
      ).toString();
    expect(text(true)).toBe('{"model":"up-1","input":"a","encoding_format":"base64"}');
    expect(text(false)).toBe('{"model":"up-1","input":"a"}');
  });

  it.each([[[1, 2]], [[[1], [2]]]])('refuses token numbers %j where the vendor takes only text', (input) => {
    expect(() => toEmbeddingsBody({}, requestOf({ input }), target)).toThrow(
      expect.objectContaining({ kind: 'unsupported_option', param: 'input' }),
    );
    expect(() => toEmbeddingsBody({ hasTokenInput: true }, requestOf({ input }), target)).not.toThrow();
  });
});

describe('fromEmbeddingsBody', () => {
  it('gives the encoding that was asked for, whichever came', () => {
    const numbers = [0.5, -1.25, 0.1];
    const packed = 'AAAAPwAAoL/NzMw9';
    const body = (embedding: unknown): object => ({ object: 'list', data: [item(0, embedding)], model: 'up-1' });
    for (const given of [numbers, packed]) {
      expect(read(body(given), 'float')).toEqual({ object: 'list', data: [item(0, numbers)], model: 'public-1' });
      expect(read(body(given), 'base64')).toEqual({ object: 'list', data: [item(0, packed)], model: 'public-1' });
    }
  });

  it('keeps the bytes of an answer that is as asked', () => {
    const text =
      '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.10,1e-3]}],"model":"up-1","usage":{"prompt_tokens":3,"total_tokens":3}}';
    const answer = fromEmbeddingsBody(undefined, Buffer.from(text), requestOf({ input: 'a' }), target);
    expect(Buffer.from(answer.bytes).toString()).toBe(text.replace('up-1', 'public-1'));
    expect(answer.usage).toEqual({ inputTokens: 3 });
  });

  it('puts embeddings in the order of the inputs', () => {
    const data = [item(1, [2]), item(0, [1])];
    expect(read({ data }, 'float', 2).data).toEqual([item(0, [1]), item(1, [2])]);
  });

  it.each([
    ['none', []],
    ['too few', [item(0, [1])]],
    ['twice the same', [item(0, [1]), item(0, [2])]],
    ['a number too high', [item(0, [1]), item(2, [2])]],
    ['an empty one', [item(0, [1]), item(1, [])]],
    ['cut base64', [item(0, [1]), item(1, 'AAA=')]],
  ])('refuses %s', (_what, data) => {
    expect(() => read({ data }, 'float', 2)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
  });
});

describe('pack and unpack', () => {
  it('bring every float32 back exactly', () => {
    // JSON has no negative zero.
    const float32 = fc.float({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0);
    fc.assert(
      fc.property(fc.array(float32, { minLength: 1 }), (numbers) => {
        expect(unpack(pack(numbers)).map(Math.fround)).toEqual(numbers);
        expect(pack(unpack(pack(numbers)))).toBe(pack(numbers));
      }),
    );
  });
});
