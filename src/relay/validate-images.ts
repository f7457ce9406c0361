import {
  missing,
  parseSource,
  readBoolean,
  readChoice,
  readInteger,
  readModel,
  wrongType,
} from '../common/body-fields.js';
import type { ImagesRequest } from '../providers/canonical/images.js';

const FIELDS = new Set(['model', 'prompt', 'n', 'response_format', 'stream']);
/** How many pictures one request may ask for. */
export const IMAGES_MAX = 10;

/**
 * Reads an images/generations body.
 * @throws HubError 400 that names the field.
 */
export function validateImages(bytes: Uint8Array): ImagesRequest {
  const source = parseSource(bytes, FIELDS);
  const { value } = source;
  const model = readModel(value);
  const prompt = value['prompt'];
  if (prompt === undefined) throw missing('prompt');
  if (typeof prompt !== 'string' || prompt === '') throw wrongType('prompt', 'a non-empty string');
  return {
    source,
    model,
    count: readInteger(value, 'n', 1, IMAGES_MAX) ?? 1,
    responseFormat: readChoice(value, 'response_format', ['url', 'b64_json']),
    isStream: readBoolean(value, 'stream') ?? false,
  };
}
