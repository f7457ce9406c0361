import { missing, parseSource, readModel, wrongType } from '../../common/body-fields.js';
import { isObject } from '../../common/is-object.js';
import { JsonSource } from '../../common/json-source.js';
import type { ModerationsRequest } from '../../providers/canonical/moderations.js';

const FIELDS = new Set(['model', 'input']);
/** OpenAI's own default, for clients that leave it out. */
const MODEL_DEFAULT = 'omni-moderation-latest';
const INPUTS_MAX = 1024;

/** A moderation, and whether it goes to the model that its caller has named. */
export interface ReadModerations extends ModerationsRequest {
  readonly isModelGiven: boolean;
}

/**
 * Reads a moderations body.
 * @throws HubError 400 that names the field.
 */
export function validateModerations(bytes: Uint8Array): ReadModerations {
  const given = parseSource(bytes, FIELDS);
  const isModelGiven = given.value['model'] !== undefined && given.value['model'] !== null;
  const source = isModelGiven ? given : JsonSource.parse(given.splice({ model: JSON.stringify(MODEL_DEFAULT) }));
  return { source, model: readModel(source.value), inputCount: countInputs(source.value['input']), isModelGiven };
}

function countInputs(input: unknown): number {
  if (input === undefined || input === null) throw missing('input');
  if (typeof input === 'string') return 1;
  if (!Array.isArray(input) || input.length === 0 || input.length > INPUTS_MAX) {
    throw wrongType('input', `a string, or an array of 1 to ${INPUTS_MAX} strings or parts`);
  }
  if (input.every((item) => typeof item === 'string')) return input.length;
  for (const [index, part] of input.entries()) checkPart(part, `input[${index}]`);
  // Text and pictures together are one input.
  return 1;
}

function checkPart(part: unknown, path: string): void {
  if (!isObject(part)) throw wrongType(path, 'a string in a list of strings, or a part in a list of parts');
  if (part['type'] === 'text') {
    if (typeof part['text'] !== 'string') throw wrongType(`${path}.text`, 'a string');
  } else if (part['type'] === 'image_url') {
    const image = part['image_url'];
    if (!isObject(image) || typeof image['url'] !== 'string') throw wrongType(`${path}.image_url.url`, 'a string');
  } else throw wrongType(`${path}.type`, '"text" or "image_url"');
}
