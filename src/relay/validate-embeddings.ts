import { missing, parseSource, readChoice, readInteger, readModel, wrongType } from '../common/body-fields.js';
import type { EmbeddingsRequest } from '../providers/canonical/embeddings.js';

const FIELDS = new Set(['model', 'input', 'encoding_format', 'dimensions', 'service_tier']);
// OpenAI's own limit.
const INPUTS_MAX = 2048;
const DIMENSIONS_MAX = 65_536;

/**
 * Reads an embeddings body.
 * @throws HubError 400 that names the field.
 */
export function validateEmbeddings(bytes: Uint8Array): EmbeddingsRequest {
  const source = parseSource(bytes, FIELDS);
  const { value } = source;
  const model = readModel(value);
  const encodingFormat = readChoice(value, 'encoding_format', ['float', 'base64']) ?? 'float';
  readInteger(value, 'dimensions', 1, DIMENSIONS_MAX);
  return { source, model, inputCount: countInputs(value['input']), encodingFormat };
}

function countInputs(input: unknown): number {
  if (input === undefined) throw missing('input');
  if (typeof input === 'string') {
    if (input === '') throw wrongType('input', 'a non-empty string');
    return 1;
  }
  if (!Array.isArray(input) || input.length === 0) {
    throw wrongType('input', 'a string, an array of strings, or arrays of token numbers');
  }
  if (typeof input[0] === 'number') {
    if (!input.every(isToken)) throw wrongType('input', 'an array of non-negative token numbers');
    return 1;
  }
  if (input.length > INPUTS_MAX) throw wrongType('input', `an array of at most ${INPUTS_MAX} inputs`);
  for (let i = 0; i < input.length; i++) checkInput(input[i], `input[${i}]`);
  return input.length;
}

function checkInput(item: unknown, path: string): void {
  if (typeof item === 'string') {
    if (item === '') throw wrongType(path, 'a non-empty string');
  } else if (!Array.isArray(item) || item.length === 0 || !item.every(isToken)) {
    throw wrongType(path, 'a string or a non-empty array of token numbers');
  }
}

function isToken(item: unknown): boolean {
  return typeof item === 'number' && Number.isSafeInteger(item) && item >= 0;
}
