import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../canonical/embeddings.js';
import type { Target, UpstreamBody } from '../../provider.js';
import { pack } from '../openai-compatible/embeddings.js';
import { invalid } from '../openai-compatible/parse-answer.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { findGeminiError } from './gemini-errors.js';
import { bareName } from './gemini-models.js';
import { readUsage } from './gemini-usage.js';
import { parseJson } from './parse-json.js';
import { unsupported } from './refusals.js';

/** How many texts one request carries. */
export const EMBEDDINGS_MAX = 100;

const READ: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'encoding_format',
  'task_type',
  'user_identifier',
]);

/**
 * Translates an embeddings request to batchEmbedContents; `task_type` is passed on as Google's `taskType`.
 * @throws ProviderError `unsupported_option` with param `input` for token numbers.
 */
export function toGeminiEmbeddings(request: EmbeddingsRequest, target: Target): UpstreamBody {
  const body = request.source.value;
  const { input, dimensions, task_type: taskType } = body;
  const model = `models/${bareName(target.upstreamModel)}`;
  const texts: readonly unknown[] = Array.isArray(input) ? input : [input];
  const requests = texts.map((text) => {
    if (typeof text !== 'string') {
      throw unsupported('input', 'This model takes text only; send "input" as a string or a list of strings.');
    }
    return {
      model,
      content: { parts: [{ text }] },
      ...(isText(taskType) && { taskType }),
      ...(typeof dimensions === 'number' && { outputDimensionality: dimensions }),
    };
  });
  const droppedParams = Object.keys(body).filter((name) => !READ.has(name) && body[name] !== null);
  return { body: Buffer.from(JSON.stringify({ requests })), droppedParams, isStream: false };
}

/**
 * Reads an answer of batchEmbedContents, numbers as they are: vectors shorter than the model's own may not have length 1.
 * @throws ProviderError `invalid_response` when a vector is missing or unreadable.
 */
export function fromGeminiEmbeddings(body: Uint8Array, request: EmbeddingsRequest, target: Target): EmbeddingsAnswer {
  const value = parseJson(body);
  const error = findGeminiError(value);
  if (error !== undefined) throw error;
  const embeddings = isObject(value) ? value['embeddings'] : undefined;
  if (!isObject(value) || !Array.isArray(embeddings) || embeddings.length === 0) {
    throw invalid('The upstream answer has no embeddings.');
  }
  if (embeddings.length !== request.inputCount) {
    throw invalid(`The upstream answered ${embeddings.length} embeddings for ${request.inputCount} inputs.`);
  }
  const data = embeddings.map((item: unknown, index) => {
    const values = isObject(item) ? item['values'] : undefined;
    if (!Array.isArray(values) || values.length === 0) throw invalid('An embedding of the upstream answer is empty.');
    return { object: 'embedding', index, embedding: request.encodingFormat === 'base64' ? pack(values) : values };
  });
  const usage = readUsage(value['usageMetadata'])?.usage;
  const answer: WireObject = { object: 'list', data, model: target.publicModel };
  if (usage?.inputTokens !== undefined) {
    answer['usage'] = { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens };
  }
  return { bytes: Buffer.from(JSON.stringify(answer)), usage };
}
