import { createHash } from 'node:crypto';
import { SandboxError } from './sandbox-error.js';
import { type JsonObject, readBoolean, readChoice, readInteger } from './sandbox-request.js';

/** A checked request for pictures. */
export interface ParsedImages {
  readonly style: 'dall-e' | 'gpt-image';
  readonly prompt: string;
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly quality: string;
  readonly background: string;
  readonly responseFormat: 'url' | 'b64_json';
  readonly isStream: boolean;
  readonly partialCount: number;
}

const DALL_E_SIZES = ['1024x1024', '1792x1024', '1024x1792'];
const DALL_E_2_SIZES = ['256x256', '512x512', '1024x1024'];
const GPT_IMAGE_SIZES = ['auto', '1024x1024', '1536x1024', '1024x1536'];

/** Every size the sandbox draws; the picture route serves no other. */
export const IMAGE_SIZES: readonly string[] = [
  ...new Set([...DALL_E_SIZES, ...DALL_E_2_SIZES, ...GPT_IMAGE_SIZES.slice(1)]),
];

/** Reads the fields that generations and edits share. `model` decides which of OpenAI's two rule sets applies. */
export function parseImages(body: JsonObject, model: string): ParsedImages {
  const style = model.startsWith('dall-e') ? 'dall-e' : 'gpt-image';
  const prompt = readPrompt(body, style === 'dall-e' ? 4000 : 32_000);
  const sizes = style === 'gpt-image' ? GPT_IMAGE_SIZES : model === 'dall-e-2' ? DALL_E_2_SIZES : DALL_E_SIZES;
  const asked = readChoice(body, 'size', sizes) ?? 'auto';
  const [width = 1024, height = 1024] = asked === 'auto' ? [] : asked.split('x').map(Number);
  const isStream = readBoolean(body, 'stream') ?? false;
  if (style === 'dall-e') {
    for (const name of ['stream', 'background', 'output_format', 'moderation', 'partial_images']) refuseKey(body, name);
    const format = readChoice(body, 'response_format', ['url', 'b64_json']);
    const quality = readChoice(body, 'quality', ['standard', 'hd']) ?? 'standard';
    readChoice(body, 'style', ['vivid', 'natural']);
    const count = readInteger(body, 'n', 1, model === 'dall-e-3' ? 1 : 10) ?? 1;
    const responseFormat = format === 'b64_json' ? 'b64_json' : 'url';
    return { style, prompt, count, width, height, quality, background: '', responseFormat, isStream, partialCount: 0 };
  }
  refuseKey(body, 'response_format');
  refuseKey(body, 'style');
  const format = readChoice(body, 'output_format', ['png', 'jpeg', 'webp']) ?? 'png';
  if (format !== 'png') {
    const text = `The sandbox draws PNG only: leave 'output_format' out or set it to png.`;
    throw new SandboxError(400, text, 'output_format', 'unsupported_value');
  }
  const quality = readChoice(body, 'quality', ['auto', 'low', 'medium', 'high']) ?? 'auto';
  return {
    style,
    prompt,
    count: readInteger(body, 'n', 1, 10) ?? 1,
    width,
    height,
    quality: quality === 'auto' ? 'high' : quality,
    background: readChoice(body, 'background', ['auto', 'transparent', 'opaque']) ?? 'opaque',
    responseFormat: 'b64_json',
    isStream,
    partialCount: readInteger(body, 'partial_images', 0, 3) ?? 0,
  };
}

/** The number a picture is drawn from: different prompts and different pictures of one answer differ. */
export function imageSeed(prompt: string, index: number): number {
  return createHash('sha256').update(`${index}:${prompt}`).digest().readUInt32BE(0);
}

function readPrompt(body: JsonObject, lengthMax: number): string {
  const prompt = body['prompt'];
  if (typeof prompt !== 'string' || prompt === '') {
    throw new SandboxError(400, "Missing required parameter: 'prompt'.", 'prompt', 'missing_required_parameter');
  }
  if ([...prompt].length > lengthMax) {
    const text = `Invalid 'prompt': string too long. Expected at most ${lengthMax} characters.`;
    throw new SandboxError(400, text, 'prompt', 'string_above_max_length');
  }
  return prompt;
}

function refuseKey(body: JsonObject, name: string): void {
  if (body[name] === undefined) return;
  throw new SandboxError(400, `Unknown parameter: '${name}'.`, name, 'unknown_parameter');
}
