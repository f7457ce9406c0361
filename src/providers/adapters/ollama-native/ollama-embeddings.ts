import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../canonical/embeddings.js';
import { normaliseUsage } from '../../canonical/usage-normaliser.js';
import type { Target, UpstreamBody } from '../../provider.js';
import { parseAnswer } from '../openai-compatible/parse-answer.js';
import { textInputs } from '../openai-compatible/text-inputs.js';
import { toVectorAnswer, vectorsOf } from '../openai-compatible/vector-answer.js';
import type { WireObject } from '../openai-compatible/wire.js';
import { findOllamaError } from './ollama-errors.js';

const READ: ReadonlySet<string> = new Set(['model', 'input', 'encoding_format', 'user_identifier']);
/** Ollama's own fields, and the one whose name is the same. */
const OWN: readonly string[] = ['dimensions', 'truncate', 'keep_alive', 'options'];

/**
 * Translates an embeddings request to api/embed. A text that is too long is refused, as by OpenAI, unless `truncate` says otherwise.
 * @throws ProviderError `unsupported_option` with param `input` for token numbers.
 */
export function toOllamaEmbeddings(request: EmbeddingsRequest, target: Target): UpstreamBody {
  const body = request.source.value;
  const wire: WireObject = { model: target.upstreamModel, input: textInputs(body['input']), truncate: false };
  for (const name of OWN) if (body[name] !== undefined && body[name] !== null) wire[name] = body[name];
  const droppedParams = Object.keys(body).filter(
    (name) => !READ.has(name) && !OWN.includes(name) && body[name] !== null,
  );
  return { body: Buffer.from(JSON.stringify(wire)), droppedParams, isStream: false };
}

/**
 * Reads an answer of api/embed.
 * @throws ProviderError `invalid_response` when a vector is missing or unreadable, or the error in it.
 */
export function fromOllamaEmbeddings(body: Uint8Array, request: EmbeddingsRequest, target: Target): EmbeddingsAnswer {
  const { value } = parseAnswer(body);
  const error = findOllamaError(value);
  if (error !== undefined) throw error;
  return toVectorAnswer(vectorsOf(value['embeddings']), normaliseUsage(value), request, target);
}
