import { formatFunctionDefinitions } from 'gpt-tokenizer/functionCalling';
import { SchemaText } from './schema-text.js';

const WEATHER = {
  name: 'get_weather',
  description: 'Tells the weather of a place.',
  parameters: {
    type: 'object',
    required: ['place'],
    properties: {
      place: { type: 'string', description: 'City and country.' },
      unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
      days: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
      at: { type: 'object', properties: { lat: { type: 'number' }, lon: { type: 'number' } } },
      anything: {},
    },
  },
} as const;

describe('SchemaText', () => {
  it('writes functions as the reference does', () => {
    const definitions = [WEATHER, { name: 'now' }, { name: 'stop', parameters: { type: 'object', properties: {} } }];
    const reference = formatFunctionDefinitions(
      definitions as unknown as Parameters<typeof formatFunctionDefinitions>[0],
    );
    expect(new SchemaText().functions(definitions)).toBe(reference);
  });

  it('shows what TypeScript has no word for as it is written', () => {
    const union = { anyOf: [{ type: 'string' }, { $ref: '#/$defs/x' }] };
    const text = new SchemaText().functions([{ name: 'f', parameters: { properties: { either: union } } }]);
    expect(text).toContain(`either?: ${JSON.stringify(union)}`);
  });

  it('keeps descriptions of nested fields', () => {
    const inner = { type: 'object', properties: { b: { type: 'object', properties: { c: { description: 'deep' } } } } };
    expect(new SchemaText().functions([{ name: 'f', parameters: { properties: { a: inner } } }])).toContain('// deep');
  });

  it('writes JSON', () => {
    const value = { a: [1, 'x', null, true], b: { c: {} } };
    expect(new SchemaText().json(value)).toBe(JSON.stringify(value));
  });

  it.each([
    ['functions that are no objects', [null, 7, 'x', []]],
    ['members of wrong types', [{ name: 7, description: [], parameters: 'x' }, { parameters: { properties: [1] } }]],
    [
      'odd schemas',
      [{ name: 'f', parameters: { properties: { a: null, b: { type: ['string'], enum: 'x' } }, required: 3 } }],
    ],
  ])('takes %s', (_what, definitions) => {
    expect(new SchemaText().functions(definitions)).toMatch(/^namespace functions/);
  });

  it('stops in lists and schemas of absurd size', () => {
    const properties = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`p${i}`, { type: 'string' }]));
    for (const write of [
      (text: SchemaText) => text.functions([{ name: 'f', parameters: { properties } }]),
      (text: SchemaText) => text.functions(Array.from({ length: 50_000 }, () => ({ name: 'f' }))),
      (text: SchemaText) => text.json({ properties }),
      (text: SchemaText) => text.json({ enum: Array.from({ length: 50_000 }, (_, i) => i) }),
    ]) {
      const text = new SchemaText();
      expect(write(text).length).toBeLessThan(1_500_000);
      expect(text.isCut).toBe(true);
    }
    const small = new SchemaText();
    small.functions([WEATHER]);
    expect(small.isCut).toBe(false);
  });
});
