import { createHash } from 'node:crypto';
import { type FormPart, parseMultipart } from '../multipart.js';
import { SandboxError } from '../sandbox-error.js';
import { isJsonObject, type JsonObject, readInteger, readJsonBody, type SandboxRequest } from '../sandbox-request.js';
import { VIDEO_MODEL, VIDEO_SECONDS_MAX, VIDEO_SIZES } from './video-limits.js';

const PROMPT_CHARACTERS_MAX = 32_000;
const SECONDS_DEFAULT = '4';
const SIZE_DEFAULT = '1280x720';
const KNOWN = new Set(['model', 'prompt', 'seconds', 'size', 'input_reference', 'negative_prompt', 'seed']);

/** A checked request for a video. */
export interface ParsedVideo {
  readonly prompt: string;
  readonly seconds: number;
  readonly width: number;
  readonly height: number;
  readonly seed: number;
}

/** The fields of a request, from JSON or a form. */
export function readVideoBody(request: SandboxRequest): JsonObject {
  const contentType = request.headers['content-type'] ?? '';
  const isForm = contentType.startsWith('multipart/form-data');
  const body = isForm ? readForm(parseMultipart(request.body, contentType)) : readJsonBody(request);
  return { model: VIDEO_MODEL, ...body };
}

/** @throws SandboxError for what the sandbox cannot do. */
export function parseVideo(body: JsonObject): ParsedVideo {
  for (const name of Object.keys(body)) {
    if (KNOWN.has(name)) continue;
    throw new SandboxError(400, `Unknown parameter: '${name}'.`, name, 'unknown_parameter');
  }
  const prompt = readText(body, 'prompt');
  if (prompt === undefined || prompt === '') {
    throw new SandboxError(400, "Missing required parameter: 'prompt'.", 'prompt', 'missing_required_parameter');
  }
  readText(body, 'negative_prompt');
  readReference(body['input_reference']);
  const [width = 0, height = 0] = readSize(body).split('x').map(Number);
  const seconds = readSeconds(body);
  const seed =
    readInteger(body, 'seed', 0, 0xffff_ffff) ?? createHash('sha256').update(prompt).digest().readUInt32BE(0);
  return { prompt, seconds, width, height, seed };
}

function readForm(parts: readonly FormPart[]): JsonObject {
  const fields: Record<string, unknown> = {};
  for (const { name, fileName, bytes } of parts) {
    if (name === 'input_reference' && fileName !== undefined) fields[name] = bytes;
    else if (name === 'input_reference[image_url]') fields['input_reference'] = { image_url: bytes.toString('utf8') };
    else fields[name] = name === 'seed' ? Number(bytes.toString('utf8')) : bytes.toString('utf8');
  }
  return fields;
}

function readReference(value: unknown): void {
  if (value === undefined || (Buffer.isBuffer(value) && value.length > 0)) return;
  if (isJsonObject(value) && (typeof value['image_url'] === 'string' || typeof value['file_id'] === 'string')) return;
  const text = "Invalid 'input_reference': expected a file, or an object with image_url or file_id.";
  throw new SandboxError(400, text, 'input_reference', 'invalid_value');
}

function readText(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value.length > PROMPT_CHARACTERS_MAX) {
    const text = `Invalid '${name}': expected a string of at most ${PROMPT_CHARACTERS_MAX} characters.`;
    throw new SandboxError(400, text, name, 'invalid_value');
  }
  return value;
}

function readSize(body: JsonObject): string {
  const size = body['size'] ?? SIZE_DEFAULT;
  if (typeof size === 'string' && VIDEO_SIZES.includes(size)) return size;
  throw new SandboxError(400, `Invalid 'size': expected one of ${VIDEO_SIZES.join(', ')}.`, 'size', 'invalid_value');
}

function readSeconds(body: JsonObject): number {
  const seconds = body['seconds'] ?? SECONDS_DEFAULT;
  if (typeof seconds === 'string' && /^[1-9]\d?$/.test(seconds) && Number(seconds) <= VIDEO_SECONDS_MAX) {
    return Number(seconds);
  }
  const text = `Invalid 'seconds': expected a string of a whole number from 1 to ${VIDEO_SECONDS_MAX}.`;
  throw new SandboxError(400, text, 'seconds', 'invalid_value');
}
