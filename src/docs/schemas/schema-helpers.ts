import type { JsonSchema } from '../../common/api-operation.decorator.js';

/** Where the OpenAPI document keeps its shared schemas. */
export const SCHEMA_PREFIX = '#/components/schemas/';

/** A reference to a shared schema by its name in {@link file://./schemas.ts}. */
export function ref(name: string): JsonSchema {
  return { $ref: `${SCHEMA_PREFIX}${name}` };
}

/** A schema with its description in English and Chinese. */
export function described(schema: JsonSchema, en: string, zh: string): JsonSchema {
  return { ...schema, description: en, 'x-description-zh': zh };
}

/** A described string. */
export function text(en: string, zh: string): JsonSchema {
  return described({ type: 'string' }, en, zh);
}

/** A described integer. `bounds` takes `minimum`, `maximum`, `default`. */
export function integer(en: string, zh: string, bounds: JsonSchema = {}): JsonSchema {
  return described({ type: 'integer', ...bounds }, en, zh);
}

/** A described number. `bounds` takes `minimum`, `maximum`, `default`. */
export function number(en: string, zh: string, bounds: JsonSchema = {}): JsonSchema {
  return described({ type: 'number', ...bounds }, en, zh);
}

/** A described boolean. */
export function boolean(en: string, zh: string, bounds: JsonSchema = {}): JsonSchema {
  return described({ type: 'boolean', ...bounds }, en, zh);
}

/** A described choice of strings. */
export function choice(values: readonly string[], en: string, zh: string, more: JsonSchema = {}): JsonSchema {
  return described({ type: 'string', enum: values, ...more }, en, zh);
}
