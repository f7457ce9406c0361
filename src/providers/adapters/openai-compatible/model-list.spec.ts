import { ProviderError } from '../../canonical/provider-error.js';
import { MODEL_LIST } from './model-list.js';

const read = (text: string): readonly string[] => MODEL_LIST.fromBody(Buffer.from(text));

describe('a list of models', () => {
  it('gives their names, in the order of the upstream', () => {
    expect(read('{"object":"list","data":[{"id":"b","object":"model"},{"id":"a"}]}')).toEqual(['b', 'a']);
    expect(read('{"data":[]}')).toEqual([]);
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"data":{}}',
    '{"data":[1]}',
    '{"data":[{"name":"a"}]}',
    '<html></html>',
    '{"data":[{"id":"a"}',
  ])('is not %j', (text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ kind: 'invalid_response' }));
    expect(() => read(text)).toThrow(ProviderError);
  });
});
