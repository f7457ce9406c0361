import { randomBytes } from 'node:crypto';
import { readModel } from './models.endpoint.js';
import type { Reply } from './reply.js';
import { SandboxError } from './sandbox-error.js';
import { type JsonObject, readInteger, readJsonBody, type SandboxRequest } from './sandbox-request.js';
import { countTokens } from './tokens.js';

const DIGITS = 10_000;

/** `POST /v1/rerank`: documents by how many of the query's words they have, in the shape that Jina and others share. */
export function rerank(request: SandboxRequest): Reply {
  const body = readJsonBody(request);
  const { snapshot } = readModel(request, body, 'rerank');
  const { query } = body;
  if (typeof query !== 'string' || query === '') {
    throw new SandboxError(400, "Missing required parameter: 'query'.", 'query', 'missing_required_parameter');
  }
  const documents = readDocuments(body);
  const wanted = wordsOf(query);
  const results = documents
    .map((text, index) => ({ index, relevance_score: scoreOf(wanted, wordsOf(text)) }))
    .sort((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, readInteger(body, 'top_n', 1, Number.MAX_SAFE_INTEGER));
  const tokens = documents.reduce((sum, text) => sum + countTokens(text), countTokens(query));
  const usage = request.script.usage ?? { prompt_tokens: tokens, total_tokens: tokens };
  const id = `rerank-${randomBytes(16).toString('hex')}`;
  return { type: 'json', body: { id, model: snapshot, ...(usage === 'none' ? {} : { usage }), results } };
}

function readDocuments(body: JsonObject): readonly string[] {
  const { documents } = body;
  const list: readonly unknown[] = Array.isArray(documents) ? documents : [];
  const texts = list.filter((document) => typeof document === 'string');
  if (texts.length > 0 && texts.length === list.length) return texts;
  throw new SandboxError(400, "Invalid 'documents': expected an array of texts.", 'documents');
}

/** Han and Kana have no spaces between words, so that each character is one. */
function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu));
}

/** From 0 to 1: the share of the query's words that a document has. */
function scoreOf(wanted: ReadonlySet<string>, words: ReadonlySet<string>): number {
  const found = [...wanted].filter((word) => words.has(word)).length;
  return wanted.size === 0 ? 0 : Math.round((found / wanted.size) * DIGITS) / DIGITS;
}
