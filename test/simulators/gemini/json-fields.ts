/** A parsed JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** True for a JSON object. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member that is an object, or an empty one. */
export function objectAt(value: unknown, name: string): Json {
  const member = isJson(value) ? value[name] : undefined;
  return isJson(member) ? member : {};
}

/** A member that is a list of objects, or an empty one. */
export function listAt(value: unknown, name: string): readonly Json[] {
  const member = isJson(value) ? value[name] : undefined;
  return Array.isArray(member) ? member.filter(isJson) : [];
}

/** A member that is a text, or ''. */
export function textAt(value: unknown, name: string): string {
  const member = isJson(value) ? value[name] : undefined;
  return typeof member === 'string' ? member : '';
}
