import { missing, parseSource, readBoolean, readInteger, readModel, wrongType } from '../../common/body-fields.js';
import { isObject } from '../../common/is-object.js';
import type { RerankRequest } from '../../providers/canonical/rerank.js';

const FIELDS = new Set(['model', 'query', 'documents', 'top_n', 'return_documents']);
/** Cohere's own limit. */
const DOCUMENTS_MAX = 10_000;

/**
 * Reads a rerank body.
 * @throws HubError 400 that names the field.
 */
export function validateRerank(bytes: Uint8Array): RerankRequest {
  const source = parseSource(bytes, FIELDS);
  const { value } = source;
  const model = readModel(value);
  const { query } = value;
  if (query === undefined || query === null) throw missing('query');
  if (typeof query !== 'string' || query === '') throw wrongType('query', 'a non-empty string');
  const documents = readDocuments(value['documents']);
  return {
    source,
    model,
    query,
    documents,
    topN: readInteger(value, 'top_n', 1, Number.MAX_SAFE_INTEGER),
    returnDocuments: readBoolean(value, 'return_documents') ?? false,
  };
}

function readDocuments(documents: unknown): readonly string[] {
  if (documents === undefined || documents === null) throw missing('documents');
  if (!Array.isArray(documents) || documents.length === 0 || documents.length > DOCUMENTS_MAX) {
    throw wrongType('documents', `an array of 1 to ${DOCUMENTS_MAX} documents`);
  }
  return documents.map((document: unknown, index) => {
    const text = isObject(document) ? document['text'] : document;
    if (typeof text === 'string') return text;
    throw wrongType(`documents[${index}]`, 'a string, or an object with a "text"');
  });
}
