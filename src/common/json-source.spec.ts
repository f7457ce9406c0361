import fc from 'fast-check';
import { JsonSource } from './json-source.js';

const splice = (text: string, edits: Record<string, string | undefined>): string =>
  Buffer.from(JsonSource.parse(Buffer.from(text)).splice(edits)).toString();

describe('JsonSource.splice', () => {
  it.each([
    ['replaces a value', '{"a": 1 ,"b":2}', { a: '9' }, '{"a": 9 ,"b":2}'],
    ['adds at the end', '{"a":1 }', { b: '2' }, '{"a":1 ,"b":2}'],
    ['adds to an empty object', '{ }', { b: '2' }, '{ "b":2}'],
    ['removes the first', '{"a":1,"b":2}', { a: undefined }, '{"b":2}'],
    ['removes the last', '{"a":1, "b":2}', { b: undefined }, '{"a":1}'],
    ['removes the last two', '{"a":1,"b":2,"c":3}', { b: undefined, c: undefined }, '{"a":1}'],
    ['removes the last and adds', '{"a":1,"b":2}', { b: undefined, c: '3' }, '{"a":1,"c":3}'],
    ['removes all and adds', '{"a":1,"b":2}', { a: undefined, b: undefined, c: '3' }, '{"c":3}'],
    ['leaves a comma inside the last string alone', '{"b":2,"a":","}', { b: undefined }, '{"a":","}'],
  ])('%s', (_title, text, edits, expected) => {
    expect(splice(text, edits)).toBe(expected);
  });

  it('means the same as editing the value, whatever is removed, replaced and added', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd');
    const values = fc.dictionary(names, fc.jsonValue());
    fc.assert(
      fc.property(values, fc.dictionary(names, fc.option(fc.jsonValue(), { nil: undefined })), (value, changes) => {
        const edits = Object.fromEntries(
          Object.entries(changes).map(([name, change]) => [
            name,
            change === undefined ? undefined : JSON.stringify(change),
          ]),
        );
        const expected = JSON.stringify({ ...value, ...changes });
        expect(JSON.parse(splice(JSON.stringify(value, null, 1), edits))).toEqual(JSON.parse(expected));
      }),
    );
  });
});

describe('JsonSource.textOf', () => {
  it('gives a value as it was spelled', () => {
    const source = JsonSource.parse(Buffer.from('{"seed" : 9007199254740993 , "t":1.0}'));
    expect(source.textOf('seed')).toBe('9007199254740993');
    expect(source.textOf('t')).toBe('1.0');
    expect(source.textOf('none')).toBeUndefined();
  });
});
