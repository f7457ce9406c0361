import { isObject } from '../common/is-object.js';
import { JsonSource } from '../common/json-source.js';
import type { EmbeddingsAnswer, EmbeddingsRequest } from '../providers/canonical/embeddings.js';
import { ProviderError } from '../providers/canonical/provider-error.js';
import type { Usage } from '../providers/canonical/usage.js';

/**
 * Cuts a request into requests of at most `inputsMax` inputs, in order. One that fits comes back as it is.
 */
export function splitEmbeddings(request: EmbeddingsRequest, inputsMax: number | undefined): EmbeddingsRequest[] {
  const inputs = request.source.value['input'];
  if (inputsMax === undefined || request.inputCount <= inputsMax || !Array.isArray(inputs)) return [request];
  const batches: EmbeddingsRequest[] = [];
  for (let start = 0; start < inputs.length; start += inputsMax) {
    const part: unknown[] = inputs.slice(start, start + inputsMax);
    const source = JsonSource.parse(request.source.splice({ input: JSON.stringify(part) }));
    batches.push({ ...request, source, inputCount: part.length });
  }
  return batches;
}

/**
 * Puts the answers of {@link splitEmbeddings} together again: inputs numbered on, usage added up.
 * @throws ProviderError `invalid_response` when an answer has no list of embeddings.
 */
export function mergeEmbeddings(answers: readonly EmbeddingsAnswer[]): EmbeddingsAnswer {
  const [first] = answers;
  if (first === undefined) throw new Error('There is nothing to merge.');
  if (answers.length === 1) return first;
  const data: unknown[] = [];
  let body: Record<string, unknown> = {};
  for (const answer of answers) {
    body = JSON.parse(Buffer.from(answer.bytes).toString('utf8')) as Record<string, unknown>;
    const items = body['data'];
    if (!Array.isArray(items)) {
      throw new ProviderError({ kind: 'invalid_response', message: 'An embeddings answer has no data.' });
    }
    for (const item of items) data.push(isObject(item) ? { ...item, index: data.length } : item);
  }
  const usage = addUsage(answers.map((answer) => answer.usage));
  const tokens = usage?.inputTokens;
  const wire = tokens === undefined ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } };
  return { bytes: Buffer.from(JSON.stringify({ ...body, data, ...wire })), usage };
}

/** The sum, or undefined when one of them said nothing: half a bill is no bill. */
function addUsage(parts: readonly (Usage | undefined)[]): Usage | undefined {
  let inputTokens = 0;
  for (const part of parts) {
    if (part?.inputTokens === undefined) return undefined;
    inputTokens += part.inputTokens;
  }
  return { inputTokens };
}
