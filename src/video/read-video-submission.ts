import { parseSource, readBoolean, readInteger } from '../common/body-fields.js';
import { invalidRequest } from '../common/hub-error.js';
import {
  PROMPT_CHARS_MAX,
  readCommonFields,
  readOptions,
  readPrompt,
  readText,
  refuseUnknown,
  SEED_MAX,
} from './job-fields.js';
import { type Picture, readOptionalPicture } from './read-picture.js';
import type { Submission } from './submission.js';

const FIELDS: ReadonlySet<string> = new Set([
  'provider',
  'model',
  'prompt',
  'image',
  'imageUrl',
  'lastFrame',
  'negativePrompt',
  'duration',
  'aspectRatio',
  'resolution',
  'audio',
  'seed',
  'n',
  'providerOptions',
  'user_identifier',
  'metadata',
  'webhookUrl',
]);
const DURATION_SECONDS_MAX = 3600;
const COUNT_MAX = 10;
const WORD_CHARS_MAX = 32;

/**
 * Reads the body of `POST /api/video/submit`. What a model can do is not looked at here.
 * @throws HubError 400 that names the field.
 */
export function readVideoSubmission(bytes: Uint8Array): Submission {
  const source = parseSource(bytes, FIELDS);
  refuseUnknown(source, FIELDS);
  const { value } = source;
  const image = readImage(value);
  const lastFrame = readOptionalPicture(value, 'lastFrame', 'lastFrame');
  return {
    ...readCommonFields(value),
    request: {
      prompt: readPrompt(value, image === undefined),
      image: image?.input,
      lastFrame: lastFrame?.input,
      negativePrompt: readText(value, 'negativePrompt', PROMPT_CHARS_MAX),
      durationSeconds: readInteger(value, 'duration', 1, DURATION_SECONDS_MAX),
      aspectRatio: readText(value, 'aspectRatio', WORD_CHARS_MAX),
      resolution: readText(value, 'resolution', WORD_CHARS_MAX)?.toLowerCase(),
      hasAudio: readBoolean(value, 'audio'),
      seed: readInteger(value, 'seed', 0, SEED_MAX),
      count: readInteger(value, 'n', 1, COUNT_MAX) ?? 1,
      options: readOptions(value),
    },
    inputs: [...(image?.stored ?? []), ...(lastFrame?.stored ?? [])],
  };
}

/** Two names for the first frame, so that whoever has a link finds the one they look for. */
function readImage(value: Readonly<Record<string, unknown>>): Picture | undefined {
  const image = readOptionalPicture(value, 'image', 'image');
  const imageUrl = readOptionalPicture(value, 'imageUrl', 'image');
  if (image !== undefined && imageUrl !== undefined) {
    throw invalidRequest('"image" and "imageUrl" are the same thing: send one of them.', 'imageUrl');
  }
  return image ?? imageUrl;
}
