import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../canonical/embeddings.js';
import type { EmbeddingsOperation, Target, UpstreamBody } from '../../provider.js';
import { findGeminiError } from '../gemini/gemini-errors.js';
import { readUsage } from '../gemini/gemini-usage.js';
import { parseJson } from '../gemini/parse-json.js';
import { unsupported } from '../gemini/refusals.js';
import { pack } from '../openai-compatible/embeddings.js';
import { invalid } from '../openai-compatible/parse-answer.js';
import { isObject, isText, type WireObject } from '../openai-compatible/wire.js';
import { vertexPath } from './vertex-paths.js';

const READ: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'encoding_format',
  'task_type',
  'user_identifier',
]);

/**
 * Embeddings on Vertex AI, one text a request: Gemini's models take no more, and Google's others only in some regions.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 */
export const vertexEmbeddings: EmbeddingsOperation = {
  path: ({ upstreamModel }) => vertexPath(upstreamModel, isEmbedContent(upstreamModel) ? 'embedContent' : 'predict'),
  inputsMax: 1,
  toBody,
  fromBody,
};

/** From the second generation on they have a method of their own. */
function isEmbedContent(upstreamModel: string): boolean {
  return /^gemini-embedding-(?!001)/.test(upstreamModel);
}

function toBody(request: EmbeddingsRequest, { upstreamModel }: Target): UpstreamBody {
  const body = request.source.value;
  const { input, dimensions, task_type: taskType } = body;
  const texts = (Array.isArray(input) ? input : [input]).map(textOf);
  const size = typeof dimensions === 'number' ? { outputDimensionality: dimensions } : undefined;
  const wire = isEmbedContent(upstreamModel)
    ? { content: { parts: [{ text: only(texts) }] }, ...(isText(taskType) && { taskType }), ...size }
    : {
        // Names with underscores here, with humps everywhere else.
        instances: texts.map((content) => ({ content, ...(isText(taskType) && { task_type: taskType }) })),
        ...(size !== undefined && { parameters: size }),
      };
  const droppedParams = Object.keys(body).filter((name) => !READ.has(name) && body[name] !== null);
  return { body: Buffer.from(JSON.stringify(wire)), droppedParams, isStream: false };
}

function textOf(text: unknown): string {
  if (typeof text === 'string') return text;
  throw unsupported('input', 'This model takes text only; send "input" as a string or a list of strings.');
}

function only(texts: readonly string[]): string {
  const [text, ...more] = texts;
  if (text === undefined || more.length > 0) throw unsupported('input', 'This model takes one text a request.');
  return text;
}

function fromBody(body: Uint8Array, request: EmbeddingsRequest, target: Target): EmbeddingsAnswer {
  const value = parseJson(body);
  const error = findGeminiError(value);
  if (error !== undefined) throw error;
  const { vectors, inputTokens } = isObject(value) ? (readPredictions(value) ?? readEmbedding(value)) : NOTHING;
  if (vectors.length !== request.inputCount)
    throw invalid(`The upstream answered ${vectors.length} embeddings for ${request.inputCount} inputs.`);
  const data = vectors.map((values, index) => {
    if (!Array.isArray(values) || values.length === 0) throw invalid('An embedding of the upstream answer is empty.');
    return { object: 'embedding', index, embedding: request.encodingFormat === 'base64' ? pack(values) : values };
  });
  const answer: WireObject = {
    object: 'list',
    data,
    model: target.publicModel,
    ...(inputTokens !== undefined && { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }),
  };
  return {
    bytes: Buffer.from(JSON.stringify(answer)),
    usage: inputTokens === undefined ? undefined : { inputTokens },
  };
}

interface Read {
  readonly vectors: readonly unknown[];
  readonly inputTokens: number | undefined;
}

const NOTHING: Read = { vectors: [], inputTokens: undefined };

/** Of `predict`. Tokens are counted by text: a sum of some would be too little. */
function readPredictions({ predictions }: WireObject): Read | undefined {
  if (!Array.isArray(predictions)) return undefined;
  const embeddings = predictions.map((prediction: unknown) =>
    isObject(prediction) && isObject(prediction['embeddings']) ? prediction['embeddings'] : {},
  );
  const counts = embeddings.map(({ statistics }) => (isObject(statistics) ? statistics['token_count'] : undefined));
  const known = counts.filter((count) => typeof count === 'number');
  return {
    vectors: embeddings.map(({ values }) => values),
    inputTokens:
      known.length > 0 && known.length === counts.length ? known.reduce((sum, count) => sum + count, 0) : undefined,
  };
}

/** Of `embedContent`. */
function readEmbedding({ embedding, usageMetadata }: WireObject): Read {
  if (!isObject(embedding)) return NOTHING;
  return { vectors: [embedding['values']], inputTokens: readUsage(usageMetadata)?.usage.inputTokens };
}
