import { wrong } from './refusals.js';
import { isObject, type WireObject } from './wire.js';

/**
 * The arguments of a tool call as an object, for a format that has them so; none at all are an empty one.
 * @param path of the arguments in the caller's body.
 * @throws ProviderError `invalid_request` for what is no JSON object.
 */
export function argumentsObject(given: unknown, path: string): WireObject {
  if (given === undefined || given === null || given === '') return {};
  let value: unknown = given;
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given);
    } catch {
      value = undefined;
    }
  }
  if (!isObject(value)) throw wrong(path, `"${path}" must be a JSON object as text.`);
  return value;
}
