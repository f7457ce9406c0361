import type { EmbeddingsAnswer, EmbeddingsRequest } from '../../canonical/embeddings.js';
import type { Usage } from '../../canonical/usage.js';
import type { Target } from '../../provider.js';
import { pack } from './embeddings.js';
import { invalid } from './parse-answer.js';
import type { WireObject } from './wire.js';

/**
 * The vectors of an answer that has them as lists of numbers.
 * @throws ProviderError `invalid_response` for what is no list of such lists.
 */
export function vectorsOf(list: unknown): readonly (readonly unknown[])[] {
  if (!Array.isArray(list) || list.length === 0) throw invalid('The upstream answer has no embeddings.');
  return list.map((vector: unknown) => {
    if (!Array.isArray(vector) || vector.length === 0) throw invalid('An embedding of the upstream answer is empty.');
    if (!vector.every(Number.isFinite)) {
      throw invalid('An embedding of the upstream answer holds something that is not a number.');
    }
    return vector;
  });
}

/**
 * Writes vectors as OpenAI's answer, in the encoding the caller asked for.
 * @param more members that the answer has besides.
 * @throws ProviderError `invalid_response` when there are more or fewer than inputs.
 */
export function toVectorAnswer(
  vectors: readonly (readonly unknown[])[],
  usage: Usage | undefined,
  { inputCount, encodingFormat }: EmbeddingsRequest,
  { publicModel }: Target,
  more: Readonly<WireObject> = {},
): EmbeddingsAnswer {
  if (vectors.length !== inputCount) {
    throw invalid(`The upstream answered ${vectors.length} embeddings for ${inputCount} inputs.`);
  }
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: encodingFormat === 'base64' ? pack(vector) : vector,
  }));
  const tokens = usage?.inputTokens;
  const answer = {
    object: 'list',
    data,
    model: publicModel,
    ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
    ...more,
  };
  return { bytes: Buffer.from(JSON.stringify(answer)), usage };
}
