import { imageSeed, type ParsedImages } from './image-request.js';
import { drawPng } from './png.js';
import { DONE_EVENT, type Reply, type StreamEvent } from './reply.js';
import type { AnswerScript, SandboxRequest } from './sandbox-request.js';
import { countTokens } from './tokens.js';

/** Output tokens of one picture by quality: OpenAI's figures for 1024x1024, which its other sizes exceed by half. */
const IMAGE_TOKENS: Readonly<Record<string, number>> = { low: 272, medium: 1056, high: 4160 };

/**
 * Makes the answer of generations and edits.
 * @param eventPrefix the first half of the stream's event names.
 */
export function answerImages(
  request: SandboxRequest,
  images: ParsedImages,
  eventPrefix: 'image_generation' | 'image_edit',
): Reply {
  const created = Math.floor(Date.now() / 1000);
  if (request.script.isStream ?? images.isStream) {
    return { type: 'stream', events: imageEvents(images, eventPrefix, created, request.script) };
  }
  const count = request.script.imageCount ?? images.count;
  const data = Array.from({ length: count }, (_, index) => toItem(request.origin, images, index));
  if (images.style === 'dall-e') return { type: 'json', body: { created, data } };
  const usage = toUsage(images, count, request.script);
  return { type: 'json', body: { created, ...describe(images), data, ...(usage === undefined ? {} : { usage }) } };
}

function toItem(origin: string, images: ParsedImages, index: number): object {
  const seed = imageSeed(images.prompt, index);
  const revised = images.style === 'dall-e' ? { revised_prompt: images.prompt } : {};
  if (images.responseFormat === 'b64_json') return { ...revised, b64_json: draw(images, seed) };
  const name = `${seed.toString(16).padStart(8, '0')}-${images.width}x${images.height}.png`;
  return { ...revised, url: `${origin}/images/${name}` };
}

function* imageEvents(
  images: ParsedImages,
  prefix: string,
  created: number,
  script: AnswerScript,
): Generator<StreamEvent> {
  const common = { created_at: created, ...describe(images) };
  const toEvent = (kind: StreamEvent['kind'], name: string, fields: object): StreamEvent => ({
    kind,
    name: `${prefix}.${name}`,
    data: JSON.stringify({ type: `${prefix}.${name}`, ...fields }),
  });
  for (let index = 0; index < images.partialCount; index++) {
    const b64_json = draw(images, imageSeed(images.prompt, index + 1));
    yield toEvent('token', 'partial_image', { b64_json, ...common, partial_image_index: index });
  }
  const usage = toUsage(images, 1, script);
  const b64_json = draw(images, imageSeed(images.prompt, 0));
  yield toEvent('finish', 'completed', { b64_json, ...common, ...(usage === undefined ? {} : { usage }) });
  yield DONE_EVENT;
}

function describe(images: ParsedImages): object {
  return {
    background: images.background,
    output_format: 'png',
    quality: images.quality,
    size: `${images.width}x${images.height}`,
  };
}

function draw(images: ParsedImages, seed: number): string {
  return drawPng(images.width, images.height, seed).toString('base64');
}

function toUsage(images: ParsedImages, count: number, script: AnswerScript): object | undefined {
  if (script.usage === 'none') return undefined;
  if (script.usage !== undefined) return script.usage;
  const base = IMAGE_TOKENS[images.quality] ?? 0;
  const perImage = images.width === images.height ? base : base * 1.5;
  const inputTokens = script.inputTokens ?? countTokens(images.prompt);
  const outputTokens = script.outputTokens ?? perImage * count;
  return {
    total_tokens: inputTokens + outputTokens,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    input_tokens_details: { text_tokens: inputTokens, image_tokens: 0 },
    output_tokens_details: { text_tokens: 0, image_tokens: outputTokens },
  };
}
