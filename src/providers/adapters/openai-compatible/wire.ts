/** A JSON object of unknown content. */
export type WireObject = Record<string, unknown>;

/** True for a JSON object; lists and null are not objects here. */
export function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for text with at least one character. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
