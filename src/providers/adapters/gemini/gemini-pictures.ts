import type { ImageItem, ImagesAnswer, ImagesRequest } from '../../canonical/images.js';
import { ProviderError } from '../../canonical/provider-error.js';
import { toImageTask } from '../../canonical/to-image-task.js';
import type { Target, UpstreamBody } from '../../provider.js';
import { invalid } from '../openai-compatible/parse-answer.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { findGeminiError } from './gemini-errors.js';
import { isHeldBack } from './gemini-finish.js';
import { bareName, picturesOf } from './gemini-models.js';
import { readUsage } from './gemini-usage.js';
import { parseJson } from './parse-json.js';
import { toPictureSize } from './picture-size.js';
import { promptRefusal } from './prompt-refusal.js';
import { unsupported } from './refusals.js';
import { vendorWord } from './vendor-word.js';

const READ: ReadonlySet<string> = new Set([
  'model',
  'prompt',
  'image',
  'n',
  'size',
  'aspect_ratio',
  'response_format',
  'stream',
  'partial_images',
  'user_identifier',
]);

/**
 * Translates an image generation request to generateContent. One request makes one picture, and comes back whole: the relay
 * brings it into the asked form.
 * @throws ProviderError `unsupported_option` for several pictures, a size that no setting comes near, or a picture by its address.
 */
export function toGeminiPicture(request: ImagesRequest, target: Target): UpstreamBody {
  const body = request.source.value;
  const model = bareName(target.upstreamModel);
  if (request.count > 1) {
    throw unsupported('n', 'This model gives only one picture per request; leave out "n" or set it to 1.');
  }
  const rule = picturesOf(model) ?? { sizes: [] };
  const { aspect_ratio: ratio } = body;
  const size = toPictureSize(body['size'], rule);
  const imageConfig = { ...size, ...(isText(ratio) && { aspectRatio: ratio }) };
  const generationConfig = {
    responseModalities: ['TEXT', 'IMAGE'],
    ...(Object.keys(imageConfig).length > 0 && { imageConfig }),
  };
  const contents = [{ role: 'user', parts: [...partsOfImages(request), { text: body['prompt'] }] }];
  const droppedParams = Object.keys(body).filter((name) => !READ.has(name) && body[name] !== null);
  return { body: Buffer.from(JSON.stringify({ contents, generationConfig })), droppedParams, isStream: false };
}

/** Pictures to change, or to begin from. */
function partsOfImages(request: ImagesRequest): readonly object[] {
  return toImageTask(request, { externalId: '' }).images.map((image) => {
    if (image.kind === 'url') throw unsupported('image', 'This model takes "image" as a data URI only.');
    return { inlineData: { mimeType: image.contentType, data: image.base64 } };
  });
}

/**
 * Reads the picture out of an answer; drafts, which are thoughts, and the words beside it are left out.
 * @throws ProviderError `content_refused` when a policy held it back, `invalid_response` when there is no picture.
 */
export function fromGeminiPicture(body: Uint8Array): ImagesAnswer {
  const value = parseJson(body);
  const error = findGeminiError(value);
  if (error !== undefined) throw error;
  if (!isObject(value)) throw invalid('The upstream answer is not a JSON object.');
  const candidates = Array.isArray(value['candidates']) ? value['candidates'].filter(isObject) : [];
  const parts = candidates.flatMap(partsOf);
  const data: ImageItem[] = [];
  for (const { inlineData, thought } of parts) {
    if (thought !== true && isObject(inlineData) && isText(inlineData['data'])) {
      data.push({ b64_json: inlineData['data'] });
    }
  }
  if (data.length === 0) throw promptRefusal(value) ?? noPicture(candidates);
  const reported = readUsage(value['usageMetadata'])?.usage;
  return {
    body: { created: 0, data, ...(reported !== undefined && { usage: toImagesUsage(reported) }) },
    usage: { ...reported, images: data.length },
  };
}

function partsOf({ content }: WireObject): readonly WireObject[] {
  const parts = isObject(content) ? content['parts'] : undefined;
  return Array.isArray(parts) ? parts.filter(isObject) : [];
}

function toImagesUsage(usage: { readonly inputTokens?: number; readonly outputTokens?: number }): WireObject {
  const { inputTokens = 0, outputTokens = 0 } = usage;
  return { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: inputTokens + outputTokens };
}

/** Why there is no picture. The model's own words are the caller's, and stay out of errors. */
function noPicture(candidates: readonly WireObject[]): ProviderError {
  const reason = candidates.map(({ finishReason }) => finishReason).find(isText);
  const code = vendorWord(reason);
  if (isHeldBack(reason) || reason === 'NO_IMAGE') {
    return new ProviderError({
      kind: 'content_refused',
      message: `The upstream made no picture of this prompt, with finish reason ${code}.`,
      code: 'content_policy_violation',
    });
  }
  return new ProviderError({
    kind: 'invalid_response',
    message: `The upstream answer has no picture; its finish reason is ${code}.`,
    code,
  });
}
