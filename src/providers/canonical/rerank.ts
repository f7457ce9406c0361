import type { JsonSource } from '../../common/json-source.js';
import type { Usage } from './usage.js';

/**
 * Documents to be put in order by how well they answer a query, validated. `source` is the caller's body in the shape that Jina, Cohere,
 * SiliconFlow and vLLM share: `{model, query, documents, top_n?, return_documents?}`.
 */
export interface RerankRequest {
  readonly source: JsonSource;
  readonly model: string;
  readonly query: string;
  /** The texts of the documents, also of those that came as `{text}`. */
  readonly documents: readonly string[];
  /** How many results are wanted; undefined for all. */
  readonly topN?: number;
  /** The caller wants each result's text. An adapter may leave that out: the relay puts it in, or takes it out. */
  readonly returnDocuments: boolean;
}

/** One document of an answer. */
export interface RerankResult {
  /** Place in the request's list, from 0. */
  index: number;
  relevance_score: number;
  document?: { text: string; [key: string]: unknown };
}

/** A whole answer; `results` most relevant first, each document at most once. */
export interface RerankAnswer {
  /** What the vendor calls it; undefined when it has no name. */
  readonly id?: string;
  readonly results: readonly RerankResult[];
  /** Tokens, or `searches`. */
  readonly usage: Usage | undefined;
}
