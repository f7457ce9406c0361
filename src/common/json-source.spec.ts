import { jest } from '@jest/globals';
import fc from 'fast-check';
import {
  JSON_COMMAS_MAX,
  JSON_CONTAINERS_MAX,
  JSON_DEPTH_MAX,
  JSON_MEMBERS_MAX,
  JsonSource,
  JsonSourceError,
} from './json-source.js';

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

describe('JsonSource.ofParsed', () => {
  it('is the same source as that of the bytes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        const source = JsonSource.ofParsed(JSON.parse(text));
        expect(Buffer.from(source.bytes).toString()).toBe(text);
        for (const [name, member] of Object.entries(value)) {
          expect(source.textOf(name)).toBe(JSON.stringify(member));
          const rest = JSON.parse(Buffer.from(source.splice({ [name]: undefined })).toString());
          expect(rest).toEqual(JSON.parse(JSON.stringify({ ...value, [name]: undefined })));
        }
      }),
    );
  });

  it('leaves out what JSON has no words for', () => {
    const source = JsonSource.ofParsed({ a: undefined, b: 1 });
    expect(Buffer.from(source.bytes).toString()).toBe('{"b":1}');
    expect(source.has('a')).toBe(false);
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

/** JSON text of any shape: white space everywhere, numbers and strings spelled in every way JSON allows. */
const space = fc.stringMatching(/^[ \t\n\r]{0,2}$/);
const numberText = fc.stringMatching(/^-?(0|[1-9]\d{0,25})(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
const stringText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 4 }).map((text) => JSON.stringify(text).slice(1, -1)),
      fc.stringMatching(/^\\u[0-9a-fA-F]{4}$/),
      fc.constantFrom('\\"', '\\\\', '\\/', '\\n', '{', '}', '[', ']', ',', ':', 'x'.repeat(70), '密', '😀'),
    ),
    { maxLength: 6 },
  )
  .map((parts) => `"${parts.join('')}"`);
const { valueText } = fc.letrec<{ valueText: string }>((tie) => ({
  valueText: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(numberText, stringText, fc.constantFrom('true', 'false', 'null')),
    fc
      .tuple(space, fc.array(fc.tuple(space, tie('valueText'), space), { maxLength: 4 }))
      .map(([only, items]) => `[${items.length === 0 ? only : items.map((item) => item.join('')).join(',')}]`),
    fc
      .tuple(space, fc.array(fc.tuple(space, stringText, space, space, tie('valueText'), space), { maxLength: 4 }))
      .map(
        ([only, items]) =>
          `{${items.length === 0 ? only : items.map(([a, k, b, c, v, d]) => `${a}${k}${b}:${c}${v}${d}`).join(',')}}`,
      ),
  ),
}));

/** Spellings of the names a and b, and any other names. */
const keyText = fc.oneof(fc.constantFrom('"a"', '"b"', '"\\u0061"', '"__proto__"', '"constructor"'), stringText);
const memberText = fc.tuple(space, keyText, space, space, valueText, space);

/** The last member of this name, as JSON.parse counts. */
const nameOf = (key: string): string => JSON.parse(key) as string;

describe('JsonSource of any JSON text', () => {
  const objects = fc.tuple(
    space,
    fc.uniqueArray(memberText, { selector: (member) => nameOf(member[1]), maxLength: 6 }),
    space,
  );

  it('reads each member as it is spelled and leaves all bytes alone that are not edited', () => {
    fc.assert(
      fc.property(
        objects,
        fc.constantFrom('a', 'b', 'new "name"'),
        valueText,
        ([before, members, after], name, edit) => {
          const body = members.map(([a, k, b, c, v, d]) => `${a}${k}${b}:${c}${v}${d}`).join(',');
          const text = `${before}{${body}}${after}`;
          const source = JsonSource.parse(Buffer.from(text));
          expect(source.duplicates).toEqual([]);
          for (const member of members) expect(source.textOf(nameOf(member[1]))).toBe(member[4]);

          const isThere = members.some((member) => nameOf(member[1]) === name);
          const edited = members
            .map(([a, k, b, c, v, d]) => `${a}${k}${b}:${c}${nameOf(k) === name ? edit : v}${d}`)
            .join(',');
          const added = isThere ? '' : `${members.length === 0 ? '' : ','}${JSON.stringify(name)}:${edit}`;
          const result = Buffer.from(source.splice({ [name]: edit })).toString();
          expect(result).toBe(`${before}{${edited}${added}}${after}`);
          expect(Buffer.from(source.bytes).toString()).toBe(text);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes members out and leaves valid JSON with the values of the others', () => {
    fc.assert(
      fc.property(objects, fc.subarray(['a', 'b', '__proto__']), ([before, members, after], names) => {
        const body = members
          .map((member) => `${member[0]}${member[1]}${member[2]}:${member.slice(3).join('')}`)
          .join(',');
        const source = JsonSource.parse(Buffer.from(`${before}{${body}}${after}`));
        const result = source.splice(Object.fromEntries(names.map((name) => [name, undefined])));
        const left = JsonSource.parse(result);
        for (const member of members) {
          const name = nameOf(member[1]);
          expect(left.textOf(name)).toBe(names.includes(name) ? undefined : member[4]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with JSON.parse about what is JSON', () => {
    const mutated = fc
      .tuple(objects, fc.nat(), fc.nat({ max: 3 }), fc.string({ maxLength: 2 }))
      .map(([[before, members, after], at, cut, insert]) => {
        const text = `${before}{${members.map((m) => `${m[0]}${m[1]}${m[2]}:${m.slice(3).join('')}`).join(',')}}${after}`;
        const index = at % (text.length + 1);
        return text.slice(0, index) + insert + text.slice(index + cut);
      });
    fc.assert(
      fc.property(mutated, (text) => {
        const bytes = Buffer.from(text);
        let expected: unknown;
        try {
          expected = JSON.parse(bytes.toString());
        } catch {
          expected = undefined;
        }
        if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
          expect(JsonSource.parse(bytes).value).toEqual(expected);
        } else {
          expect(() => JsonSource.parse(bytes)).toThrow(JsonSourceError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('JsonSource.duplicates', () => {
  it.each([
    ['{"a":1,"b":2,"a":3}', ['a']],
    ['{"a":1,"\\u0061":2,"\\u0061":3}', ['a', 'a']],
    ['{"a":{"b":1,"b":2},"c":[{"a":1}]}', []],
    ['{"__proto__":1,"__proto__":2}', ['__proto__']],
    ['{"":1,"":2}', ['']],
  ])('of %s are %j', (text, expected) => {
    expect(JsonSource.parse(Buffer.from(text)).duplicates).toEqual(expected);
  });
});

describe('JsonSource.parse', () => {
  const parse = (text: string | Uint8Array): JsonSource => JsonSource.parse(Buffer.from(text));
  const nested = (depth: number): string => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  const withMembers = (count: number): string => `{${Array.from({ length: count }, (_, i) => `"${i}":0`).join(',')}}`;

  it.each([
    ['nothing', ''],
    ['an array', '[{"model":"x"}]'],
    ['a string', '"{}"'],
    ['null', 'null'],
    ['two objects', '{}{}'],
    ['a comma too many', '{"a":1,}'],
    ['two byte order marks', '\ufeff\ufeff{}'],
    ['a byte order mark and nothing else', '\ufeff'],
    ['a byte order mark inside', '{\ufeff}'],
    ['a comment', '{}//'],
    ['single quotes', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
  ])('refuses %s', (_what, text) => {
    expect(() => parse(text)).toThrow(JsonSourceError);
  });

  it('drops a byte order mark before the object, and counts from there', () => {
    const source = parse('\ufeff{"a": 1.0,"b":2}');
    expect([source.textOf('a'), source.value]).toEqual(['1.0', { a: 1, b: 2 }]);
    expect(Buffer.from(source.bytes).toString()).toBe('{"a": 1.0,"b":2}');
    expect(Buffer.from(source.splice({ b: '3', c: '4' })).toString()).toBe('{"a": 1.0,"b":3,"c":4}');
  });

  it('takes the deepest allowed body, and refuses one level more', () => {
    expect(parse(nested(JSON_DEPTH_MAX)).has('a')).toBe(true);
    expect(() => parse(nested(JSON_DEPTH_MAX + 1))).toThrow('nests deeper');
  });

  it('takes the most members, wherever they are, and refuses one more', () => {
    expect(parse(withMembers(JSON_MEMBERS_MAX)).has('7')).toBe(true);
    expect(() => parse(withMembers(JSON_MEMBERS_MAX + 1))).toThrow('members');
    const half = withMembers(JSON_MEMBERS_MAX / 2);
    expect(() => parse(`{"a":${half},"b":[${half}]}`)).toThrow('members');
  });

  it.each([
    // The list and the object around it count as well.
    ['objects and arrays', JSON_CONTAINERS_MAX - 2, '[],'],
    ['commas', JSON_COMMAS_MAX, '0,'],
  ])('takes the most %s, and refuses one more', (what, most, item) => {
    const list = (count: number): JsonSource => parse(`{"a":[${item.repeat(count)}0]}`);
    expect(list(most).has('a')).toBe(true);
    expect(() => list(most + 1)).toThrow(what);
  });

  // Refusing is quick because no value is ever built; that is what is checked here, rather than a time.
  it.each([
    ['nesting', `{"a":${'['.repeat(100_000)}`],
    ['members', withMembers(1_000_000)],
    ['arrays', `{"a":[${'[],'.repeat(1_700_000)}[]]}`],
  ])('refuses hostile %s before any value is built', (_what, text) => {
    const bytes = Buffer.from(text);
    const build = jest.spyOn(JSON, 'parse');
    expect(() => parse(bytes)).toThrow(JsonSourceError);
    expect(build).not.toHaveBeenCalled();
    build.mockRestore();
  });

  it('gives own members only, also for the names of prototypes', () => {
    const source = parse('{"__proto__":{"model":"x"}}');
    expect(source.has('__proto__')).toBe(true);
    expect(source.has('model')).toBe(false);
    expect(source.value['model']).toBeUndefined();
    expect(Object.getPrototypeOf(source.value)).toBe(Object.prototype);
  });
});
