import type { ImageTaskRequest } from './image-task.js';
import type { ImagesRequest } from './images.js';
import { ProviderError } from './provider-error.js';
import type { MediaInput } from './video.js';

/** Members of an images body that are no options of a vendor. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'n',
  'size',
  'quality',
  'response_format',
  'stream',
  // Of these at most so many are asked for, and a task has none.
  'partial_images',
  'user',
  'user_identifier',
  'seed',
  'negative_prompt',
  'image',
]);
const IMAGES_MAX = 16;
const DATA_URI = /^data:(image\/[a-z0-9.+-]{1,40});base64,([A-Za-z0-9+/]+={0,2})$/;

/**
 * An images/generations request in the hub's own words, as task APIs and vendors with another format take it: what it has beyond these
 * are options of the vendor.
 * @throws ProviderError `invalid_request` that names the member.
 */
export function toImageTask(
  { source, count }: ImagesRequest,
  ids: Pick<ImageTaskRequest, 'externalId' | 'endUser'>,
): ImageTaskRequest {
  const { value } = source;
  const own = Object.entries(value).filter(([name, member]) => !READ.has(name) && !isAbsent(member));
  const { seed } = value;
  if (!isAbsent(seed) && !Number.isSafeInteger(seed)) throw wrong('seed', 'an integer');
  return {
    prompt: String(value['prompt']),
    count,
    size: textOf(value, 'size'),
    quality: textOf(value, 'quality'),
    negativePrompt: textOf(value, 'negative_prompt'),
    seed: typeof seed === 'number' ? seed : undefined,
    images: picturesOf(value['image']),
    options: Object.fromEntries(own),
    ...ids,
  };
}

/** A word of the caller; `auto` leaves it to the model, as its absence does. */
function textOf(value: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const found = value[name];
  if (isAbsent(found) || found === 'auto') return undefined;
  if (typeof found !== 'string' || found === '') throw wrong(name, 'a non-empty string');
  return found;
}

function picturesOf(value: unknown): readonly MediaInput[] {
  if (isAbsent(value)) return [];
  const pictures: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (pictures.length > IMAGES_MAX) throw wrong('image', `at most ${IMAGES_MAX} pictures`);
  return pictures.map(toPicture);
}

function toPicture(picture: unknown): MediaInput {
  if (typeof picture !== 'string') throw wrong('image', 'URLs or data URIs');
  const [, contentType, base64] = DATA_URI.exec(picture) ?? [];
  if (contentType !== undefined && base64 !== undefined) return { kind: 'bytes', contentType, base64 };
  if (/^https?:/i.test(picture) && URL.canParse(picture)) return { kind: 'url', url: picture };
  throw wrong('image', 'an http(s) URL or a data URI of base64');
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

function wrong(param: string, what: string): ProviderError {
  return new ProviderError({
    kind: 'invalid_request',
    status: 400,
    code: 'invalid_type',
    param,
    message: `"${param}" must be ${what}.`,
  });
}
