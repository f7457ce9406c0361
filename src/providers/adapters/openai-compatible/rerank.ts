import type { RerankAnswer, RerankRequest, RerankResult } from '../../canonical/rerank.js';
import type { Usage } from '../../canonical/usage.js';
import type { RerankOperation, Target, UpstreamBody } from '../../provider.js';
import type { ErrorRules } from './error-rules.js';
import { toInBandError } from './errors.js';
import { invalid, parseAnswer } from './parse-answer.js';
import type { RerankDialect } from './passed-dialects.js';
import { findInBandError } from './read-error-body.js';
import { toUsage } from './usage.js';
import type { BodyEdits } from './vendor.js';
import { isObject, isText, type WireObject } from './wire.js';

/** `/rerank` in the shape that Jina, Cohere, SiliconFlow, vLLM and llama.cpp share. */
export function rerankOperation(dialect: RerankDialect, rules: ErrorRules | undefined): RerankOperation {
  return {
    path: dialect.path ?? '/rerank',
    documentsMax: dialect.documentsMax,
    toBody: (request, target) => toRerankBody(dialect, request, target),
    fromBody: (body, request) => fromRerankBody(rules, body, request),
  };
}

function toRerankBody(dialect: RerankDialect, request: RerankRequest, target: Target): UpstreamBody {
  const { source } = request;
  const edits: BodyEdits = { model: JSON.stringify(target.upstreamModel), user_identifier: undefined };
  // The relay has the texts, so they need not come back; and some take them as plain texts only.
  edits['return_documents'] = undefined;
  const documents = source.value['documents'];
  if (Array.isArray(documents) && documents.some(isObject)) edits['documents'] = JSON.stringify(request.documents);
  const droppedParams: string[] = [];
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
  for (const [name, json] of Object.entries(dialect.addedFields ?? {})) {
    if (!source.has(name) || name === 'return_documents') edits[name] = json;
  }
  return { body: source.splice(edits), droppedParams, isStream: false };
}

/**
 * Reads an answer of any of them.
 * @throws ProviderError `invalid_response` for places that there are not, places twice or scores that are no numbers; the error that a
 * 200 carries.
 */
export function fromRerankBody(
  rules: ErrorRules | undefined,
  body: Uint8Array,
  { documents }: RerankRequest,
): RerankAnswer {
  const { value } = parseAnswer(body);
  const error = findInBandError(value);
  if (error !== undefined) throw toInBandError(error, rules);
  // Voyage has them where embeddings are.
  const wireResults = value['results'] ?? value['data'];
  if (!Array.isArray(wireResults)) throw invalid('The upstream answer has no results.');
  const results = wireResults.map((wire) => readResult(wire, documents.length));
  if (new Set(results.map(({ index }) => index)).size < results.length) {
    throw invalid('The upstream answer has a document twice.');
  }
  results.sort((a, b) => b.relevance_score - a.relevance_score);
  return { ...(isText(value['id']) && { id: value['id'] }), results, usage: usageOf(value) };
}

function readResult(wire: unknown, count: number): RerankResult {
  const index: unknown = isObject(wire) ? wire['index'] : undefined;
  const score: unknown = isObject(wire) ? (wire['relevance_score'] ?? wire['score']) : undefined;
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0 || index >= count) {
    throw invalid('The upstream answer names a document that there is not.');
  }
  if (typeof score !== 'number' || !Number.isFinite(score))
    throw invalid('A result of the upstream answer has no score.');
  return { index, relevance_score: score };
}

/** Cohere and SiliconFlow say it in `meta`, the others in `usage`, where a total may be all there is. */
function usageOf({ meta, usage }: WireObject): Usage | undefined {
  const reported = withoutZero(toUsage(meta)) ?? toUsage(usage);
  if (reported !== undefined || !isObject(usage)) return reported;
  return toUsage({ prompt_tokens: usage['total_tokens'] });
}

/** Who counts tokens fills in Cohere's searches with 0 (SiliconFlow); whoever has answered has searched. */
function withoutZero(reported: Usage | undefined): Usage | undefined {
  if (reported?.searches !== 0) return reported;
  const { searches: _, ...others } = reported;
  return Object.keys(others).length === 0 ? undefined : others;
}
