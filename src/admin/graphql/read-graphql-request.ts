import { createHash } from 'node:crypto';
import { HubError, invalidRequest } from '../../common/hub-error.js';
import { isObject } from '../../common/is-object.js';
import type { GraphqlRequest } from './admin-server.js';

const UTF8 = new TextDecoder();

/**
 * Reads the body of a GraphQL request.
 * @throws HubError 400 for anything that is not one operation.
 */
export function readGraphqlRequest(body: Buffer): GraphqlRequest {
  const value = parseJson(body);
  if (Array.isArray(value)) {
    throw invalidRequest('Several operations in one request are not supported; send them one by one.', 'query');
  }
  if (!isObject(value)) throw invalidRequest('The body must be a JSON object with "query".');
  const { query, operationName, variables } = value;
  if (typeof query !== 'string' || query === '') {
    throw invalidRequest('"query" must be a GraphQL document, as a string.', 'query');
  }
  if (operationName != null && typeof operationName !== 'string') {
    throw invalidRequest('"operationName" must be a string.', 'operationName');
  }
  if (variables != null && !isObject(variables)) {
    throw invalidRequest('"variables" must be a JSON object.', 'variables');
  }
  return { query, operationName: operationName ?? undefined, variables: variables ?? undefined };
}

/** How an operation stands in the list of allowed ones. */
export function operationHash(query: string): string {
  return createHash('sha256').update(query.trim()).digest('hex');
}

/** 403: an operation that is not in the list of HUB_ADMIN_OPERATIONS. */
export function operationNotListed(): HubError {
  return new HubError({
    status: 403,
    code: 'operation_not_allowed',
    message: 'This hub allows only the operations in its list, and this is none of them.',
    shouldRetry: false,
  });
}

function parseJson(body: Buffer): unknown {
  try {
    // Unlike a buffer's own text it has no byte order mark.
    return JSON.parse(UTF8.decode(body));
  } catch {
    throw invalidRequest('The body is not valid JSON.');
  }
}
