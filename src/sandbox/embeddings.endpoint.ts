import { createHash } from 'node:crypto';
import { readModel } from './models.endpoint.js';
import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import { type JsonObject, readChoice, readInteger, readJsonBody, type SandboxRequest } from './sandbox-request.js';
import { countTokens } from './tokens.js';

const INPUTS_MAX = 2048;
const INPUT_TOKENS_MAX = 8192;
const DIMENSIONS: Readonly<Record<string, number>> = { 'text-embedding-3-large': 3072 };
const DIMENSIONS_DEFAULT = 1536;

/** One text or one list of token ids. */
type Input = string | readonly number[];

/** `POST /v1/embeddings`: unit vectors made from a hash of the text, so equal texts get equal vectors. */
export function embed(request: SandboxRequest): Reply {
  const body = readJsonBody(request);
  const { name, snapshot } = readModel(request, body, 'embeddings');
  const inputs = readInputs(body);
  const isBase64 = readChoice(body, 'encoding_format', ['float', 'base64']) === 'base64';
  const size = DIMENSIONS[name] ?? DIMENSIONS_DEFAULT;
  const dimensions = readInteger(body, 'dimensions', 1, size) ?? size;
  const data = inputs.map((input, index) => {
    const vector = toUnitVector(input, dimensions);
    return { object: 'embedding', index, embedding: isBase64 ? toBase64(vector) : [...vector] };
  });
  const promptTokens = request.script.inputTokens ?? inputs.reduce((sum, input) => sum + countInput(input), 0);
  const usage = request.script.usage ?? { prompt_tokens: promptTokens, total_tokens: promptTokens };
  return {
    type: 'json',
    body: { object: 'list', data, model: snapshot, ...(usage === 'none' ? {} : { usage }) },
  };
}

function readInputs(body: JsonObject): readonly Input[] {
  const input = body['input'];
  if (input === undefined || input === null) {
    throw new SandboxError(400, "Missing required parameter: 'input'.", 'input', 'missing_required_parameter');
  }
  const isSingle = typeof input === 'string' || isTokens(input);
  const list: readonly unknown[] = isSingle ? [input] : Array.isArray(input) ? input : [];
  if (list.length === 0 || list.length > INPUTS_MAX) {
    throw new SandboxError(400, `Invalid 'input': expected 1 to ${INPUTS_MAX} inputs.`, 'input');
  }
  return list.map((item, index) => {
    const param = isSingle ? 'input' : `input[${index}]`;
    if (!(typeof item === 'string' ? item !== '' : isTokens(item))) {
      throw new SandboxError(400, `Invalid '${param}': expected a text that is not empty, or token ids.`, param);
    }
    const value = item as Input;
    if (countInput(value) > INPUT_TOKENS_MAX) {
      const text = `Invalid '${param}': the maximum context length is ${INPUT_TOKENS_MAX} tokens.`;
      throw new SandboxError(400, text, param, 'context_length_exceeded');
    }
    return value;
  });
}

function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item));
}

function countInput(input: Input): number {
  return typeof input === 'string' ? countTokens(input) : input.length;
}

/** Numbers of a hash stream in -1..1, scaled to length 1, as float32 so that both encodings say the same. */
function toUnitVector(input: Input, dimensions: number): Float32Array {
  const seed = createHash('sha256')
    .update(typeof input === 'string' ? input : `tokens:${input.join(',')}`)
    .digest();
  let state = seed.readUInt32LE(0) | 1;
  const vector = new Float32Array(dimensions);
  let sum = 0;
  for (let i = 0; i < dimensions; i++) {
    // xorshift32: the quality is enough for a demo vector and it needs no hash per number.
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const value = state / 2 ** 31;
    vector[i] = value;
    sum += value * value;
  }
  const length = Math.sqrt(sum);
  return vector.map((value) => value / length);
}

/** Packed little-endian float32, which is what the official SDKs ask for and decode. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  vector.forEach((value, index) => {
    bytes.writeFloatLE(value, index * 4);
  });
  return bytes.toString('base64');
}
