import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../canonical/embeddings.js';
import type { Target, UpstreamBody } from '../../provider.js';
import { parseAnswer } from '../openai-compatible/parse-answer.js';
import { unsupported } from '../openai-compatible/refusals.js';
import { textInputs } from '../openai-compatible/text-inputs.js';
import { toUsage } from '../openai-compatible/usage.js';
import { toVectorAnswer, vectorsOf } from '../openai-compatible/vector-answer.js';
import { isObject, isText } from '../openai-compatible/wire.js';
import { findCohereError } from './cohere-errors.js';

/** How many texts one request carries. */
export const EMBEDDINGS_MAX = 96;
/** What texts are for, where the caller does not say: Cohere wants to know, and most embeddings are of what is to be found. */
const INPUT_TYPE = 'search_document';

const READ: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'encoding_format',
  'input_type',
  'truncate',
  'user_identifier',
]);

/**
 * Translates an embeddings request to v2/embed. The caller says in `input_type` what the texts are for (`search_document`,
 * `search_query`, `classification`, `clustering`), as Cohere has it; the answer repeats what was taken for it. A text that is too long
 * is refused, as by OpenAI, unless `truncate` says otherwise.
 * @throws ProviderError `unsupported_option` with param `input` for token numbers.
 */
export function toCohereEmbeddings(request: EmbeddingsRequest, target: Target): UpstreamBody {
  const body = request.source.value;
  const { dimensions, truncate } = body;
  const wire = {
    model: target.upstreamModel,
    texts: textInputs(body['input']),
    input_type: inputTypeOf(request),
    embedding_types: ['float'],
    truncate: isText(truncate) ? truncate : 'NONE',
    ...(typeof dimensions === 'number' && { output_dimension: dimensions }),
  };
  const droppedParams = Object.keys(body).filter((name) => !READ.has(name) && body[name] !== null);
  return { body: Buffer.from(JSON.stringify(wire)), droppedParams, isStream: false };
}

/**
 * Reads an answer of v2/embed.
 * @throws ProviderError `invalid_response` when a vector is missing or unreadable.
 */
export function fromCohereEmbeddings(body: Uint8Array, request: EmbeddingsRequest, target: Target): EmbeddingsAnswer {
  const { value } = parseAnswer(body);
  const error = findCohereError(value);
  if (error !== undefined) throw error;
  const { embeddings, meta } = value;
  const vectors = vectorsOf(isObject(embeddings) ? embeddings['float'] : embeddings);
  return toVectorAnswer(vectors, toUsage(meta), request, target, { input_type: inputTypeOf(request) });
}

function inputTypeOf({ source }: EmbeddingsRequest): string {
  const { input_type: given } = source.value;
  if (given === undefined || given === null) return INPUT_TYPE;
  if (isText(given)) return given;
  throw unsupported('input_type', '"input_type" must be a text such as "search_query".');
}
