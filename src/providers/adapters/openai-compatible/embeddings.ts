import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../canonical/embeddings.js';
import { ProviderError } from '../../canonical/provider-error.js';
import type { Usage } from '../../canonical/usage.js';
import type { Target, UpstreamBody } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { invalid, parseAnswer } from './parse-answer.js';
import { findInBandError } from './read-error-body.js';
import { toUsage } from './usage.js';
import type { BodyEdits, EmbeddingsDialect } from './vendor.js';
import { isObject, isText, type WireObject } from './wire.js';

const FLOAT_BYTES = 4;

/**
 * Translates an embeddings request by splicing.
 * @throws ProviderError `unsupported_option` with param `input` for token numbers where the vendor takes only text.
 */
export function toEmbeddingsBody(dialect: EmbeddingsDialect, request: EmbeddingsRequest, target: Target): UpstreamBody {
  const { source } = request;
  if (dialect.hasTokenInput !== true && isTokenInput(source.value['input'])) {
    throw new ProviderError({
      kind: 'unsupported_option',
      message: 'This model takes text only; send "input" as a string or a list of strings instead of token numbers.',
      param: 'input',
      code: 'unsupported_value',
    });
  }
  const edits: BodyEdits = {};
  const droppedParams: string[] = [];
  if (source.value['model'] !== target.upstreamModel) edits['model'] = JSON.stringify(target.upstreamModel);
  if (source.has('user_identifier')) edits['user_identifier'] = undefined;
  // A vendor without base64 answers in numbers, which fromEmbeddingsBody packs.
  if (dialect.hasBase64 !== true && source.has('encoding_format')) edits['encoding_format'] = undefined;
  for (const name of dialect.refusedFields ?? []) {
    if (!source.has(name)) continue;
    edits[name] = undefined;
    if (source.value[name] !== null) droppedParams.push(name);
  }
  for (const [from, to] of Object.entries(dialect.renamedFields ?? {})) {
    if (!source.has(from)) continue;
    edits[from] = undefined;
    if (!source.has(to)) edits[to] = source.textOf(from);
  }
  for (const [name, json] of Object.entries(dialect.addedFields ?? {})) if (!source.has(name)) edits[name] = json;
  return { body: source.splice(edits), droppedParams, isStream: false };
}

/**
 * Reads an embeddings answer into the encoding the caller asked for, in the order of the inputs.
 * @throws ProviderError `invalid_response` when an embedding is missing or unreadable, or the error that a 200 carries.
 */
export function fromEmbeddingsBody(
  rules: ErrorRules | undefined,
  body: Uint8Array,
  request: EmbeddingsRequest,
  target: Target,
): EmbeddingsAnswer {
  const answer = parseAnswer(body);
  const { value } = answer;
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, rules);
  const wireData: unknown = value['data'];
  if (!Array.isArray(wireData) || wireData.length === 0) throw invalid('The upstream answer has no embeddings.');
  if (wireData.length !== request.inputCount) {
    throw invalid(`The upstream answered ${wireData.length} embeddings for ${request.inputCount} inputs.`);
  }
  const edits: BodyEdits = {};
  const data = inOrder(wireData).map((item, index) => readItem(item, index, request.encodingFormat));
  if (data.some((item, i) => item !== wireData[i])) edits['data'] = JSON.stringify(data);
  if (value['object'] !== 'list') edits['object'] = '"list"';
  if (value['model'] !== target.publicModel) edits['model'] = JSON.stringify(target.publicModel);
  const usage = usageOf(value['usage']);
  if (usage?.inputTokens !== undefined && isObject(value['usage']) && value['usage']['prompt_tokens'] === undefined) {
    edits['usage'] = JSON.stringify({ prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens });
  }
  return { bytes: answer.splice(edits), usage };
}

/** What was consumed. Nothing is generated, so that a total without parts is all input (Voyage). */
function usageOf(wire: unknown): Usage | undefined {
  const usage = toUsage(wire);
  return usage === undefined && isObject(wire) ? toUsage({ prompt_tokens: wire['total_tokens'] }) : usage;
}

function isTokenInput(input: unknown): boolean {
  return Array.isArray(input) && input.some((item) => typeof item === 'number' || Array.isArray(item));
}

function inOrder(data: readonly unknown[]): readonly WireObject[] {
  const items = data.filter(isObject);
  if (items.length !== data.length) throw invalid('An embedding of the upstream answer is not an object.');
  const isSorted = items.every((item, i) => item['index'] === undefined || item['index'] === i);
  if (isSorted) return items;
  const ordered: (WireObject | undefined)[] = new Array(items.length).fill(undefined);
  for (const item of items) {
    const { index } = item;
    if (typeof index !== 'number' || !(index in ordered) || ordered[index] !== undefined) {
      throw invalid('The upstream answer numbers its embeddings wrongly.');
    }
    ordered[index] = item;
  }
  return ordered.filter(isObject);
}

function readItem(item: WireObject, index: number, format: 'float' | 'base64'): WireObject {
  const { embedding } = item;
  const isBase64 = isText(embedding);
  if (!isBase64 && !(Array.isArray(embedding) && embedding.length > 0))
    throw invalid('An embedding of the upstream answer is empty.');
  const isSame = isBase64 === (format === 'base64') && item['index'] === index && item['object'] === 'embedding';
  if (isSame) return item;
  const converted = isBase64
    ? format === 'base64'
      ? embedding
      : unpack(embedding)
    : format === 'base64'
      ? pack(embedding)
      : embedding;
  return { ...item, object: 'embedding', index, embedding: converted };
}

/** Packs numbers as little-endian float32 in base64, as OpenAI's clients expect. */
export function pack(numbers: readonly unknown[]): string {
  const bytes = Buffer.allocUnsafe(numbers.length * FLOAT_BYTES);
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i];
    if (typeof number !== 'number')
      throw invalid('An embedding of the upstream answer holds something that is not a number.');
    bytes.writeFloatLE(number, i * FLOAT_BYTES);
  }
  return bytes.toString('base64');
}

/** The reverse of {@link pack}; each number is the shortest one that has the same float32. */
export function unpack(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length === 0 || bytes.length % FLOAT_BYTES !== 0)
    throw invalid('An embedding of the upstream answer is not packed float32.');
  const numbers: number[] = new Array(bytes.length / FLOAT_BYTES);
  for (let i = 0; i < numbers.length; i++) {
    const number = bytes.readFloatLE(i * FLOAT_BYTES);
    if (!Number.isFinite(number))
      throw invalid('An embedding of the upstream answer holds a number that is not finite.');
    numbers[i] = shortest(number);
  }
  return numbers;
}

/** Nine significant digits always suffice for a float32, seven or eight mostly do. */
function shortest(number: number): number {
  for (const digits of [7, 8]) {
    const short = Number(number.toPrecision(digits));
    if (Math.fround(short) === number) return short;
  }
  return Number(number.toPrecision(9));
}
