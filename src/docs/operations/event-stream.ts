import type { ApiContent, JsonSchema, LocalizedText } from '../../common/api-operation.decorator.js';
import { described } from '../schemas/schema-helpers.js';

/**
 * An answer of server-sent events. As OpenAPI 3.1 is read by tools, and as 3.2 models events, the schema is that of one event:
 * an object of its fields.
 *
 * @param data schemas of the JSON in `data`: of what is meant to come, and of the error that ends a stream that breaks off.
 * @param about what the events are, and how they end.
 * @param example the text as it goes over the wire.
 */
export function eventStream(
  data: readonly [JsonSchema, JsonSchema],
  about: LocalizedText,
  example: { readonly summary: LocalizedText; readonly value: string },
): ApiContent {
  const json = { type: 'string', contentMediaType: 'application/json', contentSchema: { anyOf: data } };
  return {
    type: 'text/event-stream',
    schema: {
      ...described({ type: 'object' }, about.en, about.zh),
      required: ['data'],
      properties: { event: { type: 'string' }, data: json },
    },
    examples: [{ name: 'events', ...example }],
  };
}
