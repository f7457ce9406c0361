import { type HubError, invalidRequest } from './hub-error.js';
import { JsonSource, JsonSourceError } from './json-source.js';

const MODEL_LENGTH_MAX = 256;
// Control characters have no place in a name; a lone surrogate could not even be stored.
const NOT_IN_NAMES = /\p{Cc}/u;
// What folding changes, U+017F and U+212A included.
const FOLDED = /[A-Z\u017f\u212a]/;

/**
 * Reads a request body as a JSON object.
 * @param fields the members the hub reads: a second one of the same name would let the hub and the upstream read
 * different requests, so it is refused, and so is one that differs in case only: upstreams written in Go take it for
 * the same. Other duplicates pass through untouched.
 * @throws HubError 400.
 */
export function parseSource(bytes: Uint8Array, fields: ReadonlySet<string>): JsonSource {
  let source: JsonSource;
  try {
    source = JsonSource.parse(bytes);
  } catch (error) {
    if (!(error instanceof JsonSourceError)) throw error;
    throw invalidRequest(error.message, undefined, 'invalid_json');
  }
  for (const name of source.duplicates) {
    if (fields.has(name)) throw invalidRequest(`"${name}" is given more than once.`, name, 'duplicate_parameter');
  }
  for (const name of source.names) {
    if (FOLDED.test(name)) refuseVariant(name, fields);
  }
  return source;
}

/** Folds a name as Go's encoding/json does, where `ſ` and the Kelvin sign are an s and a k. */
function refuseVariant(name: string, fields: ReadonlySet<string>): void {
  const folded = name.toLowerCase().replaceAll('\u017f', 's');
  if (!fields.has(folded)) return;
  throw invalidRequest(
    `"${name}" differs from "${folded}" in case only; write "${folded}".`,
    name,
    'duplicate_parameter',
  );
}

/** The model name of a body. */
export function readModel(value: Readonly<Record<string, unknown>>): string {
  const model = value['model'];
  if (model === undefined) throw missing('model');
  if (typeof model !== 'string' || model === '' || model.length > MODEL_LENGTH_MAX) {
    throw wrongType('model', `a string of 1 to ${MODEL_LENGTH_MAX} characters`);
  }
  if (NOT_IN_NAMES.test(model) || !model.isWellFormed()) {
    throw invalidRequest('"model" contains characters that no model name has.', 'model');
  }
  return model;
}

/** An optional boolean; null counts as absent. */
export function readBoolean(value: Readonly<Record<string, unknown>>, name: string, path = name): boolean | undefined {
  const found = value[name];
  if (found === undefined || found === null) return undefined;
  if (typeof found !== 'boolean') throw wrongType(path, 'true or false');
  return found;
}

/** An optional whole number within bounds; null counts as absent. */
export function readInteger(
  value: Readonly<Record<string, unknown>>,
  name: string,
  min: number,
  max: number,
): number | undefined {
  const found = value[name];
  if (found === undefined || found === null) return undefined;
  if (typeof found !== 'number' || !Number.isSafeInteger(found) || found < min || found > max) {
    const bounds = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw wrongType(name, `a whole number ${bounds}`);
  }
  return found;
}

/** An optional string out of a list; null counts as absent. */
export function readChoice<T extends string>(
  value: Readonly<Record<string, unknown>>,
  name: string,
  choices: readonly T[],
): T | undefined {
  const found = value[name];
  if (found === undefined || found === null) return undefined;
  const choice = choices.find((item) => item === found);
  if (choice === undefined) throw wrongType(name, `one of ${choices.map((item) => `"${item}"`).join(', ')}`);
  return choice;
}

/** 400: a required member is absent. */
export function missing(param: string): HubError {
  return invalidRequest(`"${param}" is required.`, param, 'missing_required_parameter');
}

/** 400: a member has another type or value than it may have. */
export function wrongType(param: string, expected: string): HubError {
  return invalidRequest(`"${param}" must be ${expected}.`, param);
}
