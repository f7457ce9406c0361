import { parseSource, readInteger } from '../common/body-fields.js';
import {
  PROMPT_CHARS_MAX,
  readCommonFields,
  readOptions,
  readPrompt,
  readText,
  refuseUnknown,
  SEED_MAX,
} from './job-fields.js';
import { readOptionalPicture } from './read-picture.js';
import type { Submission } from './submission.js';

const FIELDS: ReadonlySet<string> = new Set([
  'provider',
  'model',
  'prompt',
  'image',
  'negativePrompt',
  'seed',
  'n',
  'size',
  'quality',
  'providerOptions',
  'user_identifier',
  'metadata',
  'webhookUrl',
]);
const COUNT_MAX = 10;
const WORD_CHARS_MAX = 32;

/**
 * Reads the body of `POST /api/image/submit`.
 * @throws HubError 400 that names the field.
 */
export function readImageSubmission(bytes: Uint8Array): Submission {
  const source = parseSource(bytes, FIELDS);
  refuseUnknown(source, FIELDS);
  const { value } = source;
  const picture = readOptionalPicture(value, 'image', 'image');
  return {
    ...readCommonFields(value),
    request: {
      prompt: readPrompt(value, true),
      image: picture?.input,
      negativePrompt: readText(value, 'negativePrompt', PROMPT_CHARS_MAX),
      seed: readInteger(value, 'seed', 0, SEED_MAX),
      count: readInteger(value, 'n', 1, COUNT_MAX) ?? 1,
      size: readText(value, 'size', WORD_CHARS_MAX),
      quality: readText(value, 'quality', WORD_CHARS_MAX),
      options: readOptions(value),
    },
    inputs: picture?.stored ?? [],
  };
}
