import type { JsonSchema } from '../../common/api-operation.decorator.js';
import { html, prose, type SafeHtml } from '../page/html.js';
import { type Language, localized } from '../page/language.js';
import { TEXTS } from '../page/texts.js';
import { SCHEMA_PREFIX } from '../schemas/schema-helpers.js';

type Schemas = Readonly<Record<string, JsonSchema>>;

/** One line of a list of fields or parameters. */
export interface Field {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  readonly description: string;
}

/** The top-level fields of an object schema; a reference is followed. */
export function fieldsOf(schema: JsonSchema, schemas: Schemas, language: Language): readonly Field[] {
  const target = resolved(schema, schemas);
  const required = Array.isArray(target['required']) ? target['required'] : [];
  return Object.entries(isObject(target['properties']) ? target['properties'] : {}).flatMap(([name, property]) =>
    isObject(property)
      ? [
          {
            name,
            schema: property,
            isRequired: required.includes(name),
            description: localized(property, 'description', language),
          },
        ]
      : [],
  );
}

/** A definition list of fields: name, type, whether it is required, what it means. */
export function fieldList(fields: readonly Field[], language: Language): SafeHtml {
  const { required, standard } = TEXTS[language];
  const items = fields.map(({ name, schema, isRequired, description }) => {
    const fallback = schema['default'];
    return html`<div class="field"><dt><code class="field-name">${name}</code> <span class="field-type">${typeName(schema)}</span>${
      isRequired ? html` <span class="field-required">${required}</span>` : undefined
    }</dt><dd>${prose(description)}${bounds(schema)}${
      fallback === undefined
        ? undefined
        : html` <span class="field-bounds">${standard} ${JSON.stringify(fallback)}</span>`
    }</dd></div>`;
  });
  return html`<dl class="fields">${items}</dl>`;
}

function resolved(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const reference = schema['$ref'];
  return typeof reference === 'string' ? (schemas[reference.slice(SCHEMA_PREFIX.length)] ?? schema) : schema;
}

/** The type of a value as a reader says it: `string`, `ChatMessage[]`, `"a" | "b"`, `string | string[]`. */
export function typeName(schema: JsonSchema): string {
  const { $ref: reference, type, anyOf, items } = schema;
  const choices = schema['enum'];
  if (typeof reference === 'string') return reference.slice(SCHEMA_PREFIX.length);
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(choices)) return choices.map((choice) => JSON.stringify(choice)).join(' | ');
  if (Array.isArray(anyOf)) return anyOf.filter(isObject).map(typeName).join(' | ');
  if (Array.isArray(type)) return type.join(' | ');
  if (type === 'array') return isObject(items) ? `${typeName(items)}[]` : 'array';
  if (schema['contentMediaType'] === 'application/octet-stream') return 'file';
  return typeof type === 'string' ? type : 'any';
}

function bounds({ minimum, maximum }: JsonSchema): SafeHtml | undefined {
  if (typeof minimum !== 'number') return undefined;
  const range = typeof maximum === 'number' ? `${minimum} – ${maximum}` : `≥ ${minimum}`;
  return html` <span class="field-bounds">${range}</span>`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
