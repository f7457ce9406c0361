import { isJsonObject, type JsonObject } from './sandbox-request.js';

// Schemas may refer to themselves; beyond this depth only required members are filled, then nothing.
const DEPTH_MAX = 8;

/**
 * Makes a value that satisfies a simple JSON schema: types, enum, const, default, properties, items, bounds, local $ref,
 * first branch of anyOf/oneOf, all branches of allOf. `hint` is the text that free strings are filled with.
 */
export function exampleFromSchema(schema: JsonObject, hint: string): unknown {
  return example(schema, { root: schema, hint, name: '' }, 0);
}

interface Context {
  readonly root: JsonObject;
  readonly hint: string;
  /** Name of the property being filled. */
  readonly name: string;
}

function example(schema: JsonObject, context: Context, depth: number): unknown {
  if (depth > DEPTH_MAX) return null;
  if ('const' in schema) return schema['const'];
  const choices = schema['enum'] ?? schema['examples'];
  if (Array.isArray(choices) && choices.length > 0) return choices[0];
  if (schema['default'] !== undefined) return schema['default'];
  if (typeof schema['$ref'] === 'string') return example(resolve(schema['$ref'], context.root), context, depth + 1);
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches) && isJsonObject(branches[0])) return example(branches[0], context, depth + 1);
  if (Array.isArray(schema['allOf'])) return example(merge(schema, schema['allOf']), context, depth + 1);
  switch (typeOf(schema)) {
    case 'object':
      return exampleObject(schema, context, depth);
    case 'array':
      return exampleArray(schema, context, depth);
    case 'integer':
      return exampleNumber(schema, 1);
    case 'number':
      return exampleNumber(schema, 0.5);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return exampleString(schema, context);
  }
}

function typeOf(schema: JsonObject): unknown {
  const type = schema['type'];
  if (Array.isArray(type)) return type.find((item) => item !== 'null') ?? 'null';
  if (type !== undefined) return type;
  if (isJsonObject(schema['properties'])) return 'object';
  return schema['items'] === undefined ? 'string' : 'array';
}

function resolve(reference: string, root: JsonObject): JsonObject {
  let target: unknown = root;
  for (const part of reference.replace(/^#\/?/, '').split('/')) {
    if (part !== '') target = isJsonObject(target) ? target[part] : undefined;
  }
  return isJsonObject(target) ? target : {};
}

function merge(schema: JsonObject, branches: readonly unknown[]): JsonObject {
  const properties: Record<string, unknown> = {};
  const required: unknown[] = [];
  let merged: JsonObject = {};
  for (const branch of [schema, ...branches]) {
    if (!isJsonObject(branch)) continue;
    merged = { ...merged, ...branch };
    if (isJsonObject(branch['properties'])) Object.assign(properties, branch['properties']);
    if (Array.isArray(branch['required'])) required.push(...branch['required']);
  }
  const { allOf: _allOf, ...rest } = merged;
  return Object.keys(properties).length === 0 ? rest : { ...rest, properties, required };
}

function exampleObject(schema: JsonObject, context: Context, depth: number): JsonObject {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const isWanted = depth < DEPTH_MAX / 2 || required.includes(name);
    if (isWanted && isJsonObject(property)) result[name] = example(property, { ...context, name }, depth + 1);
  }
  return result;
}

function exampleArray(schema: JsonObject, context: Context, depth: number): unknown[] {
  const count = Math.max(1, typeof schema['minItems'] === 'number' ? schema['minItems'] : 1);
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  return Array.from({ length: Math.min(count, 20) }, () => example(items, context, depth + 1));
}

function exampleNumber(schema: JsonObject, fallback: number): number {
  const min = typeof schema['minimum'] === 'number' ? schema['minimum'] : undefined;
  const above = typeof schema['exclusiveMinimum'] === 'number' ? schema['exclusiveMinimum'] + 1 : undefined;
  const max = typeof schema['maximum'] === 'number' ? schema['maximum'] : Number.POSITIVE_INFINITY;
  return Math.min(Math.max(fallback, min ?? fallback, above ?? fallback), max);
}

const FORMATS: Readonly<Record<string, string>> = {
  date: '2026-01-15',
  'date-time': '2026-01-15T09:00:00Z',
  time: '09:00:00Z',
  email: 'user@example.com',
  uri: 'https://example.com/',
  uuid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  ipv4: '192.0.2.1',
};

function exampleString(schema: JsonObject, context: Context): string {
  const format = typeof schema['format'] === 'string' ? FORMATS[schema['format']] : undefined;
  let text = format ?? stringFor(context);
  if (typeof schema['maxLength'] === 'number') text = [...text].slice(0, schema['maxLength']).join('');
  if (typeof schema['minLength'] === 'number') text = text.padEnd(schema['minLength'], '.');
  return text;
}

/** A value that a reader finds plausible for the name of the property. */
function stringFor({ name, hint }: Context): string {
  const key = name.toLowerCase();
  if (/city|location|place|address/.test(key)) return placeIn(hint) ?? 'Paris';
  if (/date|day/.test(key)) return '2026-01-15';
  if (/time/.test(key)) return '09:00';
  if (/mail/.test(key)) return 'user@example.com';
  if (/url|link/.test(key)) return 'https://example.com/';
  if (/currency/.test(key)) return 'EUR';
  return hint === '' ? 'example' : [...hint].slice(0, 120).join('');
}

function placeIn(text: string): string | undefined {
  const chinese = /(北京|上海|广州|深圳|杭州|成都|香港|台北|东京|巴黎|伦敦|纽约)/u.exec(text);
  if (chinese) return chinese[1];
  return /\b(?:in|for|at|to|near)\s+((?:\p{Lu}[\p{L}'-]+)(?:\s+\p{Lu}[\p{L}'-]+)*)/u.exec(text)?.[1];
}
